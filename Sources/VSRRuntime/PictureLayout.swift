import VSRCore

/// Where a picture's samples lie in the caller's memory, in samples from its start.
struct PictureLayout {
    let planes: Int
    /// Samples of one row.
    let rowLength: Int
    let rowStride: Int
    let planeStride: Int

    init(planarOf size: FrameSize, planeStride: Int?, rowStride: Int?) {
        planes = Frame.channels
        rowLength = size.width
        self.rowStride = rowStride ?? size.width
        let (product, overflow) = self.rowStride.multipliedReportingOverflow(by: size.height)
        self.planeStride = planeStride ?? (overflow ? .max : product)
    }

    init(interleavedOf size: FrameSize, rowStride: Int?) {
        planes = 1
        let (product, overflow) = size.width.multipliedReportingOverflow(by: Frame.channels)
        rowLength = overflow ? .max : product
        self.rowStride = rowStride ?? rowLength
        planeStride = 0
    }

    /// One plane of rows of `rowLength` samples.
    init(rowLength: Int, rowStride: Int?) {
        planes = 1
        self.rowLength = rowLength
        self.rowStride = rowStride ?? rowLength
        planeStride = 0
    }

    /// The memory's start.
    ///
    /// - Throws: `shapeMismatch` if the picture has no pixels, its rows or planes overlap, or it
    ///   does not fit.
    func check<Sample>(
        _ memory: UnsafeBufferPointer<Sample>, size: FrameSize
    ) throws -> UnsafePointer<Sample> {
        guard size.width > 0, size.height > 0 else {
            throw VSRError(.shapeMismatch, "a picture of \(size) has no pixels: give at least 1x1")
        }
        let plane = extent(size.height, stride: rowStride, length: rowLength)
        let needed = plane.flatMap { extent(planes, stride: planeStride, length: $0) }
        guard let needed, needed <= memory.count, let base = memory.baseAddress else {
            throw VSRError(
                .shapeMismatch,
                "a picture of \(size) with row stride \(rowStride) does not fit into the"
                    + " \(memory.count) samples of memory given for it: strides cover a row or a"
                    + " plane, and memory goes up to the last row's end")
        }
        return base
    }

    /// Samples up to the end of the last of `count` stretches; `nil` if they overlap or are
    /// beyond all memory.
    private func extent(_ count: Int, stride: Int, length: Int) -> Int? {
        guard count == 1 || stride >= length else { return nil }
        let (offset, overflow) = stride.multipliedReportingOverflow(by: count - 1)
        let (end, beyond) = offset.addingReportingOverflow(length)
        return overflow || beyond ? nil : end
    }
}
