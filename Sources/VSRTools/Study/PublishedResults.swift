/// Results that the paper on structured sparsity learning prints, beside which a study's stand.
///
/// Source: Xia et al., CVPR 2023, Tab. 1, the rows of BasicVSR. Costs and parameters leave out the
/// flow network. The costs of unidirectional networks are 9.82 G above the true counts there, half
/// of the flow network; here they are corrected.
public struct PublishedResults: Sendable {
    public var name: String
    /// Billions of multiply-accumulates per frame of 320×180, millions of parameters.
    public var gigaMACs: Double
    public var megaParameters: Double
    /// PSNR in dB and SSIM by test set: `REDS4`, `Vimeo-90K-T`, `Vid4` (BI), `UDM10`, `Vimeo-90K-T BD`,
    /// `Vid4 BD`.
    public var figures: [String: (psnr: Double, ssim: Double)]

    private static let sets = [
        "REDS4", "Vimeo-90K-T", "Vid4", "UDM10", "Vimeo-90K-T BD", "Vid4 BD",
    ]

    private init(
        _ name: String, _ gigaMACs: Double, _ megaParameters: Double, _ figures: [(Double, Double)]
    ) {
        self.name = name
        self.gigaMACs = gigaMACs
        self.megaParameters = megaParameters
        self.figures = Dictionary(
            uniqueKeysWithValues: zip(Self.sets, figures.map { (psnr: $0.0, ssim: $0.1) }))
    }

    public static let bidirectional = [
        PublishedResults(
            "BasicVSR", 338.5, 4.9,
            [
                (31.42, 0.8909), (37.18, 0.9450), (27.24, 0.8251), (39.96, 0.9694),
                (37.53, 0.9498), (27.96, 0.8553),
            ]),
        PublishedResults(
            "BasicVSR-lite", 85.5, 1.3,
            [
                (30.56, 0.8738), (36.57, 0.9397), (26.86, 0.8125), (38.98, 0.9645),
                (36.78, 0.9431), (27.27, 0.8327),
            ]),
        PublishedResults(
            "L1-norm-bi", 85.5, 1.3,
            [
                (30.66, 0.8766), (36.69, 0.9406), (26.87, 0.8121), (39.04, 0.9650),
                (36.84, 0.9437), (27.29, 0.8335),
            ]),
        PublishedResults(
            "ASSL-bi", 85.5, 1.3,
            [
                (30.74, 0.8770), (36.75, 0.9414), (27.01, 0.8176), (39.15, 0.9660),
                (36.93, 0.9450), (27.40, 0.8400),
            ]),
        PublishedResults(
            "SSL-bi", 92.1, 1.0,
            [
                (31.06, 0.8933), (36.82, 0.9419), (27.15, 0.8208), (39.35, 0.9665),
                (37.06, 0.9458), (27.56, 0.8431),
            ]),
    ]

    public static let unidirectional = [
        PublishedResults(
            "BasicVSR-uni", 208.3, 2.6,
            [
                (30.56, 0.8698), (36.95, 0.9429), (27.01, 0.8164), (39.25, 0.9645),
                (37.25, 0.9472), (27.57, 0.8424),
            ]),
        PublishedResults(
            "BasicVSR-uni-lite", 52.6, 0.7,
            [
                (29.95, 0.8561), (36.38, 0.9372), (26.68, 0.8012), (38.24, 0.9586),
                (36.38, 0.9388), (26.87, 0.8157),
            ]),
        PublishedResults(
            "L1-norm-uni", 52.6, 0.7,
            [
                (29.97, 0.8570), (36.45, 0.9381), (26.70, 0.8031), (38.43, 0.9601),
                (36.53, 0.9405), (26.89, 0.8187),
            ]),
        PublishedResults(
            "ASSL-uni", 52.6, 0.7,
            [
                (30.02, 0.8589), (36.49, 0.9385), (26.76, 0.8051), (38.48, 0.9603),
                (36.61, 0.9416), (27.02, 0.8236),
            ]),
        PublishedResults(
            "SSL-uni", 54.1, 0.5,
            [
                (30.24, 0.8633), (36.56, 0.9392), (27.01, 0.8148), (38.68, 0.9615),
                (36.77, 0.9429), (27.18, 0.8296),
            ]),
    ]
}
