import CKernels
import VSRCore
import VSRImaging

/// Turns YUV planes of the caller into RGB planes and back, on a pool's threads; keeps what that
/// takes from picture to picture.
final class PooledYUVConversion {
    private let pool: KernelPool?
    private let threads: Int
    private var codecs: YUVCodecs
    /// RGB planes of a high-resolution picture.
    private var pictureBuffer: FloatBuffer?

    /// - Parameter pool: Shares the rows; without one the caller's thread converts all.
    init(pool: KernelPool? = nil) {
        self.pool = pool
        threads = pool?.threads ?? 1
        codecs = YUVCodecs(threads: threads)
    }

    /// Bytes held.
    var bytes: Int { codecs.bytes + (pictureBuffer?.bytes ?? 0) }

    /// Writes dense planes `[3, height, width]`.
    func decode(
        _ planes: YUVPlanes, _ format: YUVFormat, size: FrameSize,
        to rgb: UnsafeMutablePointer<Float>
    ) {
        let decoder = codecs.decoder(size, format)
        var job = DecodingJob(
            decoder: decoder, planes: planes, rgb: rgb, colorBands: bands(decoder.colorRows),
            bands: bands(size.height))
        let (colorBands, allBands) = (job.colorBands.count, job.bands.count)
        withUnsafeMutablePointer(to: &job) { job in
            vsr_pool_for(
                pool?.pointer, colorBands,
                { job, band, _ in DecodingJob.at(job)?.readColors(band) }, job)
            vsr_pool_for(
                pool?.pointer, allBands,
                { job, band, thread in DecodingJob.at(job)?.decode(band, thread) }, job)
        }
    }

    /// Writes the picture of dense planes `[3, height, width]`.
    func encode(
        _ rgb: UnsafePointer<Float>, size: FrameSize, _ format: YUVFormat,
        to planes: MutableYUVPlanes
    ) throws {
        var job = EncodingJob(
            encoder: try codecs.encoder(size, format), planes: planes, rgb: rgb,
            bands: bands(size.height))
        let count = job.bands.count
        withUnsafeMutablePointer(to: &job) { job in
            vsr_pool_for(
                pool?.pointer, count,
                { job, band, thread in EncodingJob.at(job)?.encode(band, thread) }, job)
        }
    }

    /// Memory for dense planes of a picture that is to be encoded.
    func planes(of size: FrameSize) throws -> UnsafeMutablePointer<Float> {
        let count = Frame.channels * size.area
        if let pictureBuffer, pictureBuffer.count == count { return pictureBuffer.base }
        let made = try FloatBuffer(count: count)
        pictureBuffer = made
        return made.base
    }

    private func bands(_ rows: Int) -> RowBands {
        // A lone thread need not convert the rows between bands twice.
        RowBands(rows: rows, height: threads > 1 ? RowBands.sharedHeight : rows)
    }
}

/// A picture's rows in bands of `height`, the last one lower.
private struct RowBands {
    /// Even, as the encoder wants it; low enough for many threads to have work in small pictures.
    static let sharedHeight = 16

    let rows: Int
    let height: Int

    var count: Int32 { Int32((rows + height - 1) / height) }

    subscript(band: Int32) -> Range<Int> {
        let start = Int(band) * height
        return start..<min(start + height, rows)
    }
}

/// What threads do for one picture; C functions have it as their context.
private struct DecodingJob {
    let decoder: YUVDecoder
    let planes: YUVPlanes
    let rgb: UnsafeMutablePointer<Float>
    let colorBands: RowBands
    let bands: RowBands

    static func at(_ context: UnsafeMutableRawPointer?) -> DecodingJob? {
        context?.assumingMemoryBound(to: DecodingJob.self).pointee
    }

    func readColors(_ band: Int32) { decoder.readColors(colorBands[band], of: planes) }

    func decode(_ band: Int32, _ thread: Int32) {
        decoder.decode(bands[band], of: planes, to: rgb, thread: Int(thread))
    }
}

/// The same for a picture to be encoded.
private struct EncodingJob {
    let encoder: YUVEncoder
    let planes: MutableYUVPlanes
    let rgb: UnsafePointer<Float>
    let bands: RowBands

    static func at(_ context: UnsafeMutableRawPointer?) -> EncodingJob? {
        context?.assumingMemoryBound(to: EncodingJob.self).pointee
    }

    func encode(_ band: Int32, _ thread: Int32) {
        encoder.encode(bands[band], of: rgb, to: planes, thread: Int(thread))
    }
}
