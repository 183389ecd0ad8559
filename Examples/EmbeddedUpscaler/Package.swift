// swift-tools-version: 6.1
import PackageDescription

func slimVSR(_ product: String) -> Target.Dependency {
    .product(name: product, package: "SlimVSR")
}

let package = Package(
    name: "EmbeddedUpscaler",
    dependencies: [.package(name: "SlimVSR", path: "../..")],
    targets: [
        .executableTarget(
            name: "embedded-upscaler",
            dependencies: [slimVSR("VSRCore"), slimVSR("VSRModel"), slimVSR("VSRRuntime")])
    ],
    swiftLanguageModes: [.v6]
)
