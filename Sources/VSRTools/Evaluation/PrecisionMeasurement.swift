import Foundation
import VSRCore
import VSRData
import VSRImaging
import VSRModel
import VSRRuntime

/// Measures what bf16 costs a model on a data set and writes it into the model's file, by which
/// `auto` then decides.
public struct PrecisionMeasurement: Sendable {
    /// The model file that is measured.
    public let input: String
    /// The file that the record is written to, which may be the same.
    public let output: String
    public var evaluation = Evaluation()
    /// How a bidirectional network takes clips.
    public var window = ClipWindow.whole

    /// - Parameters:
    ///   - name: A model file, or the name of a bundled model.
    ///   - output: Where the model goes with its record; `nil` for the file itself.
    ///   - foreign: What is said of a file of another project, which is refused all the same.
    /// - Throws: `invalidArgument` for bicubic, for a bundled model without an output and for what
    ///   only files of other projects need; `notFound`.
    public init(
        _ name: String, output: String? = nil, foreign: ForeignModelOptions? = nil
    ) throws {
        guard name != UpscalingMethod.bicubicName else {
            throw VSRError(
                .invalidArgument, "bicubic has no weights to be rounded to bf16: name a model file")
        }
        let reference = try ModelReference(name, foreign: foreign)
        guard try !reference.isForeign() else {
            throw VSRError(
                .invalidArgument,
                "\(name) is a file of another project, which holds no records: make a model file of "
                    + "it with slimvsr import")
        }
        input = reference.path
        guard let output = output ?? (reference.origin == .file ? name : nil) else {
            throw VSRError(
                .invalidArgument,
                "\(name) is \(reference.origin.rawValue), and such files stay as they are: name the "
                    + "copy to be written with --output")
        }
        self.output = output
    }

    /// Both evaluations and what follows from them.
    public struct Outcome: Sendable, Codable, Equatable {
        public var fp32: Evaluation.Outcome
        public var bf16: Evaluation.Outcome
        public var record: PrecisionRecord
    }

    /// Evaluates in fp32 and in bf16 and records the loss; the output appears whole or not at all,
    /// and differs from the input by the record alone.
    ///
    /// - Throws: `unsupported` where the processor has no kernels for bf16, or the options leave
    ///   them out; what reading, evaluating and writing throw; `cancelled`. Nothing is written then.
    public func run(
        on folder: String, layout: ClipLayout? = nil, names: [String]? = nil,
        list: String? = nil, options: UpscalerOptions = UpscalerOptions(),
        progress: ProgressHandler? = nil,
        cancellation: Cancellation? = nil
    ) throws -> Outcome {
        let model = try ModelFile.read(input)
        try checkBF16(model, options)
        try checkOutput()
        func outcome(_ precision: UpscalerOptions.Precision) throws -> Evaluation.Outcome {
            var options = options
            options.precision = precision
            return try evaluation.run(
                UpscalingMethod(model, name: input), on: folder, layout: layout, names: names,
                list: list, window: window, options: options, progress: progress,
                cancellation: cancellation)
        }
        let fp32 = try outcome(.fp32)
        let bf16 = try outcome(.bf16)
        let record = PrecisionRecord(
            of: model,
            dataSet: URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent,
            degradation: fp32.degradation.rawValue, channels: fp32.conventions.channels.rawValue,
            frames: fp32.frameCount,
            clips: names == nil && list == nil && evaluation.benchmark == nil
                ? nil : fp32.clips.map(\.name),
            loss: fp32.mean.psnr - bf16.mean.psnr)
        try ModelFile.setMetadata(
            [PrecisionRecord.metadataKey: try record.metadataText()], of: input, to: output)
        return Outcome(fp32: fp32, bf16: bf16, record: record)
    }

    /// Writing is tried before the measuring, which may take hours, in the folder that is there.
    private func checkOutput() throws {
        var isFolder: ObjCBool = false
        let files = FileManager.default
        if output.hasSuffix("/")
            || files.fileExists(atPath: output, isDirectory: &isFolder) && isFolder.boolValue
        {
            throw VSRError(.invalidArgument, "\(output) is a folder: name a file with --output")
        }
        let url = URL(fileURLWithPath: output)
        var folder = url.deletingLastPathComponent()
        while !files.fileExists(atPath: folder.path) { folder.deleteLastPathComponent() }
        do {
            let trial = try PendingFile(folder.appendingPathComponent(url.lastPathComponent).path)
            defer { trial.discard() }
            try ModelFile.setMetadata([:], of: input, to: trial.temporaryPath)
        } catch {
            throw VSRError(
                .io,
                "cannot write \(output): check the folder's permissions and the disk's space, or "
                    + "name another file with --output", cause: error)
        }
    }

    /// Asks the runtime itself, so that a silent fp32 is never taken for bf16.
    private func checkBF16(_ model: Model, _ options: UpscalerOptions) throws {
        var options = options
        options.precision = .bf16
        let upscaler = try Upscaler(model: model, options: options)
        guard upscaler.effectivePrecision == .bf16 else {
            throw VSRError(
                .unsupported,
                "what bf16 costs cannot be measured with the instruction set "
                    + "\(upscaler.instructionSetName), which has no kernels for it: use a processor "
                    + "with AVX-512 BF16 and leave avx512-bf16 permitted")
        }
    }
}

extension PrecisionMeasurement.Outcome {
    /// A table of both precisions and what `auto` makes of it, for a terminal.
    public var text: String {
        var table = TextTable(["clip", "frames", "fp32 dB", "bf16 dB", "loss dB"])
        func row(_ name: String, _ count: Int, _ first: Double, _ second: Double) {
            table.add([
                name, String(count), TextTable.decimal(first, 4), TextTable.decimal(second, 4),
                Self.loss(first - second),
            ])
        }
        for (first, second) in zip(fp32.clips, bf16.clips) {
            row(first.name, first.frameCount, first.figures.psnr, second.figures.psnr)
        }
        table.addRule()
        row("mean of clips", fp32.frameCount, fp32.mean.psnr, bf16.mean.psnr)
        let verdict = record.isAccepted ? "takes bf16" : "stays with fp32"
        let loss = Self.loss(record.loss)
        let limit = TextTable.decimal(PrecisionRecord.acceptedLoss, 2)
        let lines =
            ["\(fp32.method), ×\(fp32.scale), PSNR"] + table.lines()
            + TextWrap.lines(fp32.conventionsText)
            + ["bf16 loses \(loss) dB: auto \(verdict) (at most \(limit) dB)"]
        return lines.joined(separator: "\n")
    }

    /// Four decimals, without the sign of what they show as nothing.
    private static func loss(_ value: Double) -> String {
        TextTable.decimal(abs(value) < 0.000_05 ? 0 : value, 4)
    }
}
