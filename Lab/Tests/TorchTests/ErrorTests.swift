import Testing
import Torch
import VSRCore

@Suite struct ErrorTests {
    @Test func shapesThatDoNotFitAreNamed() throws {
        try onTorch {
            let a = try Tensor.zeros([2, 3])
            let b = try Tensor.zeros([2, 4])
            try expectFailure(.shapeMismatch, "add", "3", "4") { try a + b }
            try expectFailure(.shapeMismatch, "cat") {
                try Tensor.concatenated([a, b], along: 0)
            }
            try expectFailure(.shapeMismatch, "reshape") { try a.reshaped([4]) }
            try expectFailure(.shapeMismatch, "matmul") { try a.matmul(b) }
            let picture = try Tensor.zeros([1, 3, 8, 8])
            try expectFailure(.shapeMismatch, "conv2d", "channels") {
                try picture.convolved(with: Tensor.zeros([4, 5, 3, 3]))
            }
            try expectFailure(.shapeMismatch, "12 bytes", "[2, 2]") {
                try Tensor([1, 2, 3] as [Float], shape: [2, 2])
            }
            try expectFailure(.shapeMismatch, "[-1]") { try Tensor([] as [Float], shape: [-1]) }
            try expectFailure(.shapeMismatch) {
                try Tensor([1] as [Float], shape: [.max, .max])
            }
        }
    }

    @Test func otherWrongCallsAreInvalidArguments() throws {
        try onTorch {
            let a = try Tensor.zeros([2, 3])
            try expectFailure(.invalidArgument, "backward") { try a.sum().backward() }
            try expectFailure(.invalidArgument, "requireGradient") {
                try Tensor(indices: [1]).requireGradient()
            }
            try expectFailure(.invalidArgument, "item") { try a.item() }
            try expectFailure(.invalidArgument, "indexSelect") {
                try a.indexSelected(Tensor(indices: [7]), along: 1)
            }
            try expectFailure(.invalidArgument, "select") { try a.selected(9, along: 0) }
        }
    }

    @Test func messagesAreOneLineWithoutABacktrace() throws {
        try onTorch {
            let error = #expect(throws: VSRError.self) {
                try Tensor.zeros([2]) + Tensor.zeros([3])
            }
            let message = try #require(error?.message)
            #expect(!message.contains("\n") && !message.contains("Exception raised"))
        }
    }

    @Test func moreMemoryThanThereIsGivesAnError() throws {
        try onTorch {
            try expectFailure(.outOfMemory) { try Tensor.zeros([1 << 46]) }
        }
    }

    @Test func aDeviceThatIsNotThereIsUnsupported() throws {
        try onTorch {
            guard Device.gpuCount == 0 else { return }
            try expectFailure(.unsupported, "cuda") {
                try Tensor.zeros([2], device: .cuda(0))
            }
            try expectFailure(.unsupported, "cuda") { try Tensor.zeros([2]).to(device: .cuda(9)) }
        }
    }

    @Test func deviceNamesAreRead() throws {
        #expect(try Device(parsing: "cpu") == .cpu)
        #expect(try Device(parsing: "cuda") == .cuda(0))
        #expect(try Device(parsing: "cuda:3") == .cuda(3))
        for wrong in ["gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:1000", ""] {
            #expect(throws: VSRError.self) { try Device(parsing: wrong) }
        }
    }
}

/// Whether `body` throws this code with a message that holds all the `words`.
private func expectFailure(
    _ code: VSRError.Code, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Any
) throws {
    let error = try #require(
        #expect(throws: VSRError.self, sourceLocation: sourceLocation) { _ = try body() },
        sourceLocation: sourceLocation)
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    for word in words {
        #expect(error.message.contains(word), sourceLocation: sourceLocation)
    }
}
