import Testing
import VSRCore

@testable import VSRImaging

@Suite struct SurfaceTextureTests {
    /// A texture whose red is the column and whose green is the row.
    private let grid = SurfaceTexture(
        side: 8, texels: (0..<64).map { SIMD4(Float($0 % 8), Float($0 / 8), 0, 1) })

    private func samples(
        x: Double, y: Double, turns: Double, scale: Double, count: Int
    ) -> [SIMD4<Float>] {
        // The frame's origin lies at the texture position (x, y).
        let plane = TexturePlane(
            pose: ScenePath.Pose(x: 0, y: 0, turns: turns, scale: scale), density: 1,
            anchor: SIMD2(x, y))
        var row = Array(repeating: SIMD4<Float>.zero, count: count)
        grid.sample(along: plane, at: 0, columns: 0..<count, over: &row) { $2 }
        return row
    }

    /// Positions are rounded to 2⁻²⁰ texels at each of at most four steps, and neighbors differ by
    /// at most 7.
    private func near(_ values: [Float], _ expected: [Float]) -> Bool {
        values.count == expected.count
            && zip(values, expected).allSatisfy { abs($0 - $1) <= 3e-5 }
    }

    /// Samples lie at 0.25, 0.75, 1.25 … pixels; texel n's center at n + 0.5.
    @Test func samplesAreInterpolatedBetweenTexelCenters() {
        let row = samples(x: 1, y: 2.5, turns: 0, scale: 1, count: 4)
        #expect(near(row.map(\.x), [0.75, 1.25, 1.75, 2.25]))
        #expect(near(row.map(\.y), [2, 2, 2, 2]))
    }

    @Test func theTextureRepeats() {
        let row = samples(x: 7.25, y: 0.5, turns: 0, scale: 1, count: 4)
        // Columns 7, then half-way from 7 to 0, then 0 and 0.5.
        #expect(near(row.map(\.x), [7, 3.5, 0, 0.5]))
        let before = samples(x: -15.75, y: -7.5, turns: 0, scale: 1, count: 2)
        #expect(near(before.map(\.x), [0, 0.5]))
        #expect(near(before.map(\.y), [0, 0]))
    }

    /// Twice as large: half a texel per pixel.
    ///
    /// A quarter turn clockwise: the texture's columns run
    /// down the frame, so that going right means going up in the texture.
    @Test func theTextureIsEnlargedAndTurned() {
        let large = samples(x: 2, y: 1.5, turns: 0, scale: 2, count: 3)
        #expect(near(large.map(\.x), [1.625, 1.875, 2.125]))
        let turned = samples(x: 3.5, y: 6, turns: 0.25, scale: 1, count: 3)
        for (color, row) in zip(turned, [5.25, 4.75, 4.25] as [Float]) {
            #expect(abs(color.x - 3) < 1e-5)
            #expect(abs(color.y - row) < 1e-5)
        }
    }

    @Test func theSineIsTheSine() {
        // Known values, turns and sine.
        let known: [(Double, Double)] = [
            (0.0, 0.0), (0.25, 1), (0.5, 0), (0.75, -1), (1.0 / 12, 0.5),
            (0.125, 0.707_106_781_187),
            (1.0 / 6, 0.866_025_403_784), (-1.0 / 12, -0.5), (5.0 + 5.0 / 12, 0.5), (-7.25, -1),
        ]
        for (turns, sine) in known {
            #expect(abs(PortableMath.sine(turns: turns) - sine) < 1e-9)
            #expect(abs(PortableMath.cosine(turns: turns - 0.25) - sine) < 1e-9)
        }
        for index in -1000...1000 {
            let turns = Double(index) / 777
            let sine = PortableMath.sine(turns: turns)
            let cosine = PortableMath.cosine(turns: turns)
            #expect(abs(sine * sine + cosine * cosine - 1) < 1e-10)
        }
    }

    @Test func noiseRepeatsAndIsContinuous() {
        let noise = LatticeNoise(seed: 11)
        func value(_ x: Float, _ y: Float) -> Float {
            noise.fractal(x, y, octaves: 4, roughness: 0.5, mask: 7)
        }
        var extremes: (Float, Float) = (1, 0)
        for index in 0..<400 {
            let x = Float(index) * 0.046875
            let y = Float(index * 7 % 100) * 0.15625
            #expect(value(x, y) == value(x + 8, y - 16))
            #expect(abs(value(x, y) - value(x + 0.001, y)) < 0.02)
            extremes = (min(extremes.0, value(x, y)), max(extremes.1, value(x, y)))
        }
        #expect(extremes.0 >= 0 && extremes.1 <= 1 && extremes.1 - extremes.0 > 0.3)
    }

    @Test func distancesToOutlinesAreThoseOfGeometry() {
        let box = Silhouette(form: .box(3, 2, 0.5), reach: 4)
        let ellipse = Silhouette(form: .ellipse(4, 2), reach: 4)
        let bars = Silhouette(form: .bars(10, 2), reach: 0)
        let cases: [(Silhouette, Float, Float, Float)] = [
            (box, 0, 0, -2), (box, 3, 0, 0), (box, 5, 1, 2), (box, 0, -2.5, 0.5),
            // The corner's circle has its center at (2.5, 1.5).
            (box, 5.5, 5.5, 4.5), (ellipse, 4, 0, 0), (ellipse, 0, 3, 1), (ellipse, 0, 0, -2),
            (bars, 5, 100, -2), (bars, 7, 0, 0), (bars, 10, 0, 3), (bars, -5, 0, -2),
        ]
        for (silhouette, x, y, distance) in cases {
            #expect(abs(silhouette.distance(x, y) - distance) < 1e-5, "\(silhouette) \(x) \(y)")
        }
    }

    @Test func outlinesLieWithinTheirReach() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let silhouette = Silhouette.random(radius: 10, &generator)
            #expect(silhouette.distance(0, 0) < 0)
            for step in 0..<64 {
                let turns = Double(step) / 64
                let x = Float(PortableMath.cosine(turns: turns)) * silhouette.reach * 1.001
                let y = Float(PortableMath.sine(turns: turns)) * silhouette.reach * 1.001
                #expect(silhouette.distance(x, y) >= 0)
            }
        }
    }

    @Test func glyphsAreStrokesOnTheirGrid() {
        #expect(StrokeFont.glyphs.count == 31)
        for glyph in StrokeFont.glyphs {
            #expect(!glyph.isEmpty)
            for stroke in glyph {
                #expect((0...4).contains(stroke.x0) && (0...4).contains(stroke.x1))
                #expect((0...6).contains(stroke.y0) && (0...6).contains(stroke.y1))
                #expect(stroke.x0 != stroke.x1 || stroke.y0 != stroke.y1)
            }
        }
        // L: a stroke down the left and one along the bottom.
        let letter = StrokeFont.glyphs[11]
        #expect(letter.count == 2)
        #expect(StrokeFont.distance(letter, 0, 3) == 0)
        #expect(StrokeFont.distance(letter, 3, 4) == 2)
        #expect(StrokeFont.distance(letter, 7, 10) == 5)
    }
}
