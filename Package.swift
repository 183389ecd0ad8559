// swift-tools-version: 6.1
import PackageDescription

let libraries = [
    "VSRCore", "VSRConfiguration", "VSRModel", "VSRPruning", "VSRRuntime", "VSRImaging",
    "VSRCompensation", "VSRExport", "VSRMedia", "VSRData", "VSRReport", "VSRTools", "VSRProgram",
]

let algorithms = Target.Dependency.product(name: "Algorithms", package: "swift-algorithms")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

let package = Package(
    name: "SlimVSR",
    // With an underscore: not for packages that depend on this one, but for the tests of Lab.
    products: libraries.map { .library(name: $0, targets: [$0]) }
        + [
            .library(name: "_VSRTestSupport", targets: ["VSRTestSupport"]),
            .executable(name: "slimvsr", targets: ["slimvsr"]),
        ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-algorithms", from: "1.2.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(name: "VSRCore"),
        .target(
            name: "VSRConfiguration",
            dependencies: ["VSRCore", .product(name: "Yams", package: "Yams")]),
        .target(name: "VSRModel", dependencies: ["VSRCore"]),
        .target(name: "VSRPruning", dependencies: ["VSRCore", "VSRModel", algorithms]),
        .target(name: "CKernels"),
        .target(name: "VSRImaging", dependencies: ["VSRCore"]),
        .target(
            name: "VSRRuntime", dependencies: ["VSRCore", "VSRModel", "VSRImaging", "CKernels"]),
        .target(
            name: "VSRCompensation",
            dependencies: ["VSRCore", "VSRModel", "VSRRuntime", "CKernels"]),
        .target(name: "VSRExport", dependencies: ["VSRCore", "VSRModel"]),
        .systemLibrary(
            name: "CLibAV",
            pkgConfig: "libavformat libavcodec libavutil",
            providers: [.apt(["libavformat-dev", "libavcodec-dev", "libavutil-dev"])]),
        .target(name: "VSRMedia", dependencies: ["VSRCore", "VSRImaging", "CLibAV", deque]),
        .target(name: "VSRData", dependencies: ["VSRCore", "VSRImaging", "VSRMedia", algorithms]),
        .target(
            name: "VSRReport", dependencies: ["VSRCore"],
            resources: [.embedInCode("Page/page.css"), .embedInCode("Page/page.js")]),
        .target(
            name: "VSRTools",
            dependencies: [
                "VSRCore", "VSRModel", "VSRPruning", "VSRRuntime", "VSRCompensation", "VSRExport",
                "VSRImaging", "VSRMedia", "VSRData", "VSRReport", deque,
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
                "VSRProgram", "VSRCore", "VSRModel", "VSRPruning", "VSRRuntime", "VSRImaging",
                "VSRMedia", "VSRData",
                "VSRTools",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(name: "VSRCoreTests", dependencies: ["VSRCore", "VSRTestSupport"]),
        .testTarget(
            name: "VSRConfigurationTests",
            dependencies: ["VSRCore", "VSRConfiguration", "VSRTestSupport"]),
        .testTarget(
            name: "VSRModelTests", dependencies: ["VSRCore", "VSRModel", "VSRTestSupport"]),
        .testTarget(
            name: "VSRPruningTests",
            dependencies: [
                "VSRCore", "VSRModel", "VSRPruning", "VSRRuntime", "VSRTestSupport",
            ]),
        .testTarget(
            name: "VSRCompensationTests",
            dependencies: [
                "VSRCore", "VSRModel", "VSRRuntime", "VSRCompensation", "VSRTestSupport",
            ]),
        .testTarget(
            name: "VSRExportTests",
            dependencies: ["VSRCore", "VSRModel", "VSRRuntime", "VSRExport", "VSRTestSupport"]),
        .testTarget(name: "CKernelsTests", dependencies: ["CKernels"]),
        .testTarget(
            name: "VSRRuntimeTests",
            dependencies: [
                "VSRCore", "VSRModel", "VSRPruning", "VSRMedia", "VSRImaging", "VSRRuntime",
                "CLibAV",
                "CAllocationCounter", "VSRTestSupport",
            ]),
        // Folders, comparisons and the like that tests share.
        .target(
            name: "VSRTestSupport",
            dependencies: [
                "VSRCore", "VSRModel", "VSRProgram",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/TestSupport"),
        // For tests only: replaces the C library's allocator in the program that it is part of.
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .testTarget(name: "VSRImagingTests", dependencies: ["VSRCore", "VSRImaging", "VSRMedia"]),
        .testTarget(
            name: "VSRMediaTests",
            dependencies: ["VSRCore", "VSRImaging", "VSRMedia", "CLibAV", "VSRTestSupport"]),
        .testTarget(
            name: "VSRDataTests",
            dependencies: ["VSRCore", "VSRData", "VSRImaging", "VSRMedia", "VSRTestSupport"]),
        .testTarget(name: "VSRReportTests", dependencies: ["VSRReport"]),
        .testTarget(
            name: "VSRToolsTests",
            dependencies: [
                "VSRProgram", "VSRCore", "VSRModel", "VSRPruning", "VSRRuntime", "VSRImaging",
                "VSRMedia",
                "VSRData",
                "VSRReport", "VSRTools", "slimvsr", "VSRTestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
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
