// swift-tools-version: 6.1
import PackageDescription

func slimVSR(_ product: String) -> Target.Dependency {
    .product(name: product, package: "SlimVSR")
}

let package = Package(
    name: "BeforeAndAfter",
    dependencies: [.package(name: "SlimVSR", path: "../..")],
    targets: [
        .executableTarget(
            name: "before-and-after",
            dependencies: [
                slimVSR("VSRCore"), slimVSR("VSRModel"), slimVSR("VSRImaging"),
                slimVSR("VSRMedia"), slimVSR("VSRRuntime"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
