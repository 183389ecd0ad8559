/// What a texture shows.
struct SurfaceTheme: Sendable {
    /// Patterns of large surfaces, as often as they are listed.
    let patterns: [SurfaceFill.Pattern]

    /// Only boxes, all upright.
    let isUpright: Bool

    /// Bounds of the smallest surfaces' radius, in texels.
    let smallestRadius: (Double, Double)

    /// Painted area in units of the texture's.
    let coverage: Double

    /// Leaves, stones, fur: organic forms.
    static let nature = SurfaceTheme(
        patterns: [.clouds, .clouds, .clouds, .gradient, .gradient, .stripes, .dots],
        isUpright: false, smallestRadius: (3, 20), coverage: 1.5)

    /// Façades, windows, bricks, grids.
    static let city = SurfaceTheme(
        patterns: [.windows, .windows, .stripes, .checks, .gradient, .clouds, .text],
        isUpright: true, smallestRadius: (8, 24), coverage: 1.5)

    /// Pages and signs.
    static let print = SurfaceTheme(
        patterns: [.text, .text, .text, .stripes, .gradient, .dots], isUpright: true,
        smallestRadius: (20, 40), coverage: 1.5)

    /// Everything.
    static let mixture = SurfaceTheme(
        patterns: SurfaceFill.Pattern.allCases + [.clouds, .gradient], isUpright: false,
        smallestRadius: (5, 20), coverage: 1.5)

    static let all = [nature, nature, city, city, mixture, mixture, print]
}
