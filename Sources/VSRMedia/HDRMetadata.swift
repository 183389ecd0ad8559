import CLibAV
import VSRCore

/// What an HDR video says about the display it was graded on and about its brightest pixels.
public struct HDRMetadata: Sendable, Equatable {
    /// SMPTE ST 2086.
    public struct MasteringDisplay: Sendable, Equatable {
        /// x and y of red, green and blue in CIE 1931, then of white; `nil` if not stated.
        public var chromaticities: [Rational]?
        /// Least and greatest luminance in candela per square meter; `nil` if not stated.
        public var luminances: [Rational]?
    }

    /// CTA-861.3, in candela per square meter.
    public struct LightLevel: Sendable, Equatable {
        /// Of the brightest pixel.
        public var content: UInt32
        /// Of the brightest frame on average.
        public var frameAverage: UInt32
    }

    public var mastering: MasteringDisplay?
    public var lightLevel: LightLevel?
    /// Whether frames have more that is not carried over: HDR10+ or Dolby Vision.
    public var hasDynamic = false

    public init() {}

    var isEmpty: Bool { mastering == nil && lightLevel == nil && !hasDynamic }
}

extension HDRMetadata {
    /// What a decoded picture or else its stream states; `nil` if nothing.
    init?(_ picture: UnsafePointer<AVFrame>, stream: AVStream) {
        func bytes(
            _ frameType: AVFrameSideDataType, _ streamType: AVPacketSideDataType, size: Int
        ) -> UnsafeRawPointer? {
            if let item = av_frame_get_side_data(picture, frameType), item.pointee.size >= size {
                return UnsafeRawPointer(item.pointee.data)
            }
            return Self.sideData(streamType, of: stream, size: size)
        }
        let mastering = bytes(
            AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
            size: MemoryLayout<AVMasteringDisplayMetadata>.size)
        let level = bytes(
            AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
            size: MemoryLayout<AVContentLightMetadata>.size)
        self.mastering = mastering.flatMap {
            MasteringDisplay($0.loadUnaligned(as: AVMasteringDisplayMetadata.self))
        }
        lightLevel = level.map { $0.loadUnaligned(as: AVContentLightMetadata.self) }
            .flatMap { $0.MaxCLL == 0 && $0.MaxFALL == 0 ? nil : $0 }
            .map { LightLevel(content: $0.MaxCLL, frameAverage: $0.MaxFALL) }
        hasDynamic =
            av_frame_get_side_data(picture, AV_FRAME_DATA_DYNAMIC_HDR_PLUS) != nil
            || Self.sideData(AV_PKT_DATA_DOVI_CONF, of: stream, size: 1) != nil
        if isEmpty { return nil }
    }

    private static func sideData(
        _ type: AVPacketSideDataType, of stream: AVStream, size: Int
    ) -> UnsafeRawPointer? {
        for index in 0..<Int(stream.nb_side_data) {
            guard let item = stream.side_data?[index], item.type == type, item.size >= size
            else { continue }
            return UnsafeRawPointer(item.data)
        }
        return nil
    }

    /// Writes it beside an output stream, where containers keep it.
    func add(to stream: UnsafeMutablePointer<AVStream>) throws {
        if let mastering {
            try Self.add(
                mastering.av, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, to: stream)
        }
        if let lightLevel {
            try Self.add(
                AVContentLightMetadata(
                    MaxCLL: lightLevel.content, MaxFALL: lightLevel.frameAverage),
                AV_PKT_DATA_CONTENT_LIGHT_LEVEL, to: stream)
        }
    }

    private static func add<Value>(
        _ value: Value, _ type: AVPacketSideDataType, to stream: UnsafeMutablePointer<AVStream>
    ) throws {
        let size = MemoryLayout<Value>.size
        let data = try LibAV.allocated(av_stream_new_side_data(stream, type, size))
        UnsafeMutableRawPointer(data).storeBytes(of: value, as: Value.self)
    }

    /// As x265 and x264 take it: `G(x,y)B(x,y)R(x,y)WP(x,y)L(greatest,least)` in units of 0.00002 and
    /// 0.0001 cd/m²; `nil` unless all of it is stated.
    var masteringText: String? {
        guard let points = mastering?.chromaticities, let limits = mastering?.luminances else {
            return nil
        }
        func units(_ value: Rational, _ perOne: Double) -> Int {
            let units = (value.value * perOne).rounded()
            return units.isFinite ? Int(min(max(units, 0), 4e9)) : 0
        }
        func point(_ name: String, _ index: Int) -> String {
            "\(name)(\(units(points[2 * index], 50000)),\(units(points[2 * index + 1], 50000)))"
        }
        return point("G", 1) + point("B", 2) + point("R", 0) + point("WP", 3)
            + "L(\(units(limits[1], 10000)),\(units(limits[0], 10000)))"
    }
}

extension HDRMetadata.MasteringDisplay {
    /// `nil` if it states nothing.
    fileprivate init?(_ value: AVMasteringDisplayMetadata) {
        let primaries = value.display_primaries
        let points = [
            primaries.0.0, primaries.0.1, primaries.1.0, primaries.1.1, primaries.2.0,
            primaries.2.1, value.white_point.0, value.white_point.1,
        ].map { Rational($0) }
        let limits = [Rational(value.min_luminance), Rational(value.max_luminance)]
        // A denominator of 0 would be no number.
        chromaticities =
            value.has_primaries != 0 && points.allSatisfy { $0.denominator > 0 } ? points : nil
        luminances =
            value.has_luminance != 0 && limits.allSatisfy { $0.denominator > 0 } ? limits : nil
        if chromaticities == nil, luminances == nil { return nil }
    }

    fileprivate var av: AVMasteringDisplayMetadata {
        var value = AVMasteringDisplayMetadata()
        if let points = chromaticities?.map(\.av), points.count == 8 {
            value.display_primaries = (
                (points[0], points[1]), (points[2], points[3]), (points[4], points[5])
            )
            value.white_point = (points[6], points[7])
            value.has_primaries = 1
        }
        if let limits = luminances?.map(\.av), limits.count == 2 {
            value.min_luminance = limits[0]
            value.max_luminance = limits[1]
            value.has_luminance = 1
        }
        return value
    }
}
