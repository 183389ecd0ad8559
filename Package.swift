// swift-tools-version: 6.1
import PackageDescription

let libraries = [
    "VSRCore", "VSRConfiguration", "VSRModel", "VSRPruning", "VSRRuntime", "VSRImaging",
    "VSRMedia", "VSRData", "VSRReport", "VSRTools", "VSRProgram",
]

let package = Package(
    name: "SlimVSR",
    products: libraries.map { .library(name: $0, targets: [$0]) }
        + [.executable(name: "slimvsr", targets: ["slimvsr"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(name: "VSRCore"),
        .target(
            name: "VSRConfiguration",
            dependencies: ["VSRCore", .product(name: "Yams", package: "Yams")]),
        .target(name: "VSRModel", dependencies: ["VSRCore"]),
        .target(name: "VSRPruning", dependencies: ["VSRCore", "VSRModel"]),
        .target(name: "CKernels"),
        .target(name: "VSRImaging", dependencies: ["VSRCore"]),
        .target(
            name: "VSRRuntime", dependencies: ["VSRCore", "VSRModel", "VSRImaging", "CKernels"]),
        .systemLibrary(
            name: "CLibAV",
            pkgConfig: "libavformat libavcodec libswscale libswresample libavutil",
            providers: [
                .apt([
                    "libavformat-dev", "libavcodec-dev", "libswscale-dev", "libswresample-dev",
                    "libavutil-dev",
                ])
            ]),
        .target(name: "VSRMedia", dependencies: ["VSRCore", "VSRImaging", "CLibAV"]),
        .target(name: "VSRData", dependencies: ["VSRCore", "VSRImaging", "VSRMedia"]),
        .target(
            name: "VSRReport", dependencies: ["VSRCore"],
            resources: [.embedInCode("Page/page.css"), .embedInCode("Page/page.js")]),
        .target(
            name: "VSRTools",
            dependencies: [
                "VSRCore", "VSRModel", "VSRPruning", "VSRRuntime", "VSRImaging", "VSRMedia",
                "VSRData", "VSRReport",
            ],
            resources: [.copy("Models")]),
        .target(
            name: "VSRProgram",
            dependencies: [
                "VSRCore", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "slimvsr",
            dependencies: [
                "VSRProgram",
                "VSRCore", "VSRModel", "VSRPruning", "VSRRuntime", "VSRImaging", "VSRMedia",
                "VSRData", "VSRReport", "VSRTools",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(name: "VSRCoreTests", dependencies: ["VSRCore"]),
        .testTarget(name: "VSRConfigurationTests", dependencies: ["VSRCore", "VSRConfiguration"]),
        .testTarget(name: "VSRModelTests", dependencies: ["VSRCore", "VSRModel"]),
        .testTarget(
            name: "VSRPruningTests",
            dependencies: ["VSRCore", "VSRModel", "VSRPruning", "VSRRuntime"]),
        .testTarget(name: "CKernelsTests", dependencies: ["VSRCore", "CKernels"]),
        .testTarget(
            name: "VSRRuntimeTests",
            dependencies: [
                "VSRCore", "VSRModel", "VSRPruning", "VSRImaging", "VSRMedia", "VSRRuntime",
                "CKernels", "CLibAV", "CAllocationCounter",
            ]),
        // For tests only: replaces the C library's allocator in the program that it is part of.
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .testTarget(name: "VSRImagingTests", dependencies: ["VSRCore", "VSRImaging", "VSRMedia"]),
        .testTarget(
            name: "VSRMediaTests", dependencies: ["VSRCore", "VSRImaging", "VSRMedia", "CLibAV"]),
        .testTarget(
            name: "VSRDataTests", dependencies: ["VSRCore", "VSRData", "VSRImaging", "VSRMedia"]),
        .testTarget(name: "VSRReportTests", dependencies: ["VSRCore", "VSRReport"]),
        .testTarget(
            name: "VSRToolsTests",
            dependencies: [
                "VSRProgram",
                "VSRCore", "VSRModel", "VSRPruning", "VSRRuntime", "VSRImaging", "VSRMedia",
                "VSRData", "VSRReport", "VSRTools", "slimvsr",
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx20
)

// For scripts/docs alone: packages that depend on this one need not fetch the plugin.
if Context.environment["SLIMVSR_DOCS"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
