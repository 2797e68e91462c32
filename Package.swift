// swift-tools-version: 6.2
import Foundation
import PackageDescription

// This manifest is a program. Each module is listed once, with its layer; an edge that the layers of
// ARCHITECTURE.md forbid stops `swift build`, the editor and CI alike, with a sentence.

enum Layer: Int {
    case kernel, engine, rail, capability, plane, app
}

/// What a module of each layer may import besides our own modules of lower layers.
enum Imports {
    static let pure: Set<String> = [
        "Collections", "Crypto", "CryptoExtras", "DequeModule", "PCRE2", "QRencode", "Yams", "Mustache",
        "Atomics", "Brotli", "SwiftASN1", "X509", "Zlib",
    ]
    static let io: Set<String> = [
        "NIOCore", "NIOExtras", "NIOHTTP1", "NIOHTTP2", "NIOHPACK", "NIOPosix", "NIOSSL", "NIOTLS",
        "NIOConcurrencyHelpers", "GRDB", "AsyncHTTPClient", "Hummingbird",
        "HTTPTypes",
        "ServiceLifecycle", "UnixSignals", "Logging",
    ]
    static let app: Set<String> = ["ArgumentParser"]
}

struct Module {
    let name: String
    let layer: Layer
    /// Our own modules.
    let uses: [String]
    /// Packages' products, by the names in `products` below.
    var packages: [String] = []
    /// Edges inside a layer need a reason; an edge without one stops the build.
    var reasons: [String: String] = [:]
    var tests = true
    /// Modules that the tests alone need.
    var testUses: [String] = []
    var testPackages: [String] = []
    var resources: [Resource] = []
}

/// Pages, style sheet and script of the console become part of the program.
let consoleTexts: [Resource] = [
    .embedInCode("Templates/account.mustache"),
    .embedInCode("Templates/approvals.mustache"),
    .embedInCode("Templates/calendar.mustache"),
    .embedInCode("Templates/command.mustache"),
    .embedInCode("Templates/commands.mustache"),
    .embedInCode("Templates/console.css"),
    .embedInCode("Templates/console.js"),
    .embedInCode("Templates/dictionaries.mustache"),
    .embedInCode("Templates/dictionary.mustache"),
    .embedInCode("Templates/difference.mustache"),
    .embedInCode("Templates/edge.mustache"),
    .embedInCode("Templates/entries.mustache"),
    .embedInCode("Templates/entry.mustache"),
    .embedInCode("Templates/history.mustache"),
    .embedInCode("Templates/layout.mustache"),
    .embedInCode("Templates/login.mustache"),
    .embedInCode("Templates/message.mustache"),
    .embedInCode("Templates/message_view.mustache"),
    .embedInCode("Templates/now.mustache"),
    .embedInCode("Templates/origin_answer.mustache"),
    .embedInCode("Templates/picture.mustache"),
    .embedInCode("Templates/preview.mustache"),
    .embedInCode("Templates/rehearsal.mustache"),
    .embedInCode("Templates/rehearsals.mustache"),
    .embedInCode("Templates/simulate.mustache"),
    .embedInCode("Templates/timeline.mustache"),
]

let modules: [Module] = [
    // kernel
    Module(name: "Kernel", layer: .kernel, uses: []),
    Module(name: "Diagnostics", layer: .kernel, uses: []),

    // engine
    Module(name: "HTTP1", layer: .engine, uses: ["Kernel"]),
    Module(
        name: "HTTPCache", layer: .engine, uses: ["Kernel", "HTTP1"], packages: ["Atomics"],
        reasons: ["HTTP1": "it stores and judges message heads"]),
    Module(name: "Compression", layer: .engine, uses: ["Kernel"], packages: ["Brotli", "Zlib"]),
    Module(name: "ESI", layer: .engine, uses: ["Kernel"]),
    Module(name: "VCL", layer: .engine, uses: ["Kernel", "Diagnostics"]),
    Module(
        name: "YAMLReading", layer: .engine, uses: ["Kernel", "Diagnostics"], packages: ["Yams"], tests: false
    ),
    Module(
        name: "VCLRuntime", layer: .engine, uses: ["Kernel", "Diagnostics", "HTTP1", "VCL"],
        packages: ["Crypto", "CryptoExtras", "PCRE2"],
        reasons: ["VCL": "it compiles VCL's tree", "HTTP1": "programs read and write message heads"]),
    Module(
        name: "RequestFlow", layer: .engine,
        uses: ["Kernel", "Compression", "ESI", "HTTP1", "HTTPCache", "VCLRuntime"], packages: ["Crypto"],
        reasons: [
            "Compression": "it chooses codings", "ESI": "it makes requests of includes",
            "HTTP1": "it fills message heads", "HTTPCache": "it takes and makes stored responses",
            "VCLRuntime": "what it fills is a program's context",
        ], tests: false),
    Module(
        name: "VCLService", layer: .engine, uses: ["Kernel", "Diagnostics", "VCL", "VCLRuntime"],
        reasons: [
            "VCL": "objects of a service become code of VCL's states",
            "VCLRuntime": "it makes what the compiler compiles",
        ], testUses: ["HTTP1"]),
    Module(
        name: "VCLLint", layer: .engine, uses: ["Kernel", "Diagnostics", "VCL", "VCLRuntime"],
        reasons: ["VCL": "it reads VCL's tree", "VCLRuntime": "what the compiler says is part of it"],
        testUses: ["VCLService"]),
    Module(
        name: "VCLSimulator", layer: .engine,
        uses: [
            "Kernel", "Diagnostics", "ESI", "HTTP1", "HTTPCache", "RequestFlow", "VCL", "VCLRuntime",
            "YAMLReading",
        ],
        packages: ["Yams"],
        reasons: [
            "ESI": "its pages have includes",
            "HTTP1": "it makes message heads", "HTTPCache": "its cache is the edge's",
            "RequestFlow": "its steps are the edge's", "VCL": "it names the states",
            "VCLRuntime": "it runs programs", "YAMLReading": "its tests are YAML",
        ]),
    Module(
        name: "VCLTesting", layer: .engine,
        uses: ["Kernel", "Diagnostics", "HTTP1", "VCL", "VCLRuntime", "VCLSimulator", "YAMLReading"],
        packages: ["Yams"],
        reasons: [
            "VCL": "tests are VCL", "VCLRuntime": "it runs the program under test",
            "HTTP1": "it makes requests", "YAMLReading": "settings are YAML",
            "VCLSimulator": "whole requests are tests too",
        ]),
    Module(
        name: "VCLPipeline", layer: .engine,
        uses: ["Kernel", "Diagnostics", "VCL", "VCLLint", "VCLRuntime", "VCLSimulator", "VCLTesting"],
        reasons: [
            "VCL": "programs are formatted", "VCLLint": "a stage",
            "VCLRuntime": "what it looks at is a service's model",
            "VCLSimulator": "two programs are compared by what they answer", "VCLTesting": "a stage",
        ]),
    Module(
        name: "VCLLanguageServer", layer: .engine,
        uses: ["Kernel", "Diagnostics", "VCL", "VCLLint", "VCLRuntime"],
        reasons: [
            "VCL": "it answers out of VCL's tree",
            "VCLRuntime": "what the compiler says and which built-ins there are",
            "VCLLint": "editors show its findings and offer its fixes",
        ]),

    Module(
        name: "EdgeRecords", layer: .engine, uses: ["Kernel", "VCLRuntime"],
        reasons: ["VCLRuntime": "filters' patterns are VCL's"]),
    Module(name: "Rehearsal", layer: .engine, uses: ["Kernel"]),
    Module(
        name: "ACME", layer: .engine, uses: ["Kernel", "HTTP1"], packages: ["Crypto", "SwiftASN1", "X509"],
        reasons: ["HTTP1": "Retry-After may be a date"]),

    // rail
    Module(name: "Journey", layer: .rail, uses: ["Kernel"]),
    Module(
        name: "CampaignFile", layer: .rail,
        uses: ["Kernel", "ACME", "Diagnostics", "EdgeRecords", "Journey", "YAMLReading"],
        packages: ["Yams"],
        reasons: ["Journey": "people have roles"]),
    Module(name: "Store", layer: .rail, uses: ["Kernel"], packages: ["Crypto", "GRDB"]),
    Module(
        name: "Ledger", layer: .rail, uses: ["Kernel", "Journey", "Store"], packages: ["Crypto"],
        reasons: ["Journey": "an entry holds a change and its verdicts", "Store": "entries are rows"]),

    Module(
        name: "HTTPKit", layer: .rail, uses: ["Kernel"],
        packages: [
            "AsyncHTTPClient", "HTTPTypes", "Hummingbird", "Logging", "NIOCore", "NIOHTTP1",
            "ServiceLifecycle",
            "UnixSignals",
        ], tests: false),
    Module(
        name: "EdgeLink", layer: .rail, uses: ["Kernel", "Diagnostics", "EdgeRecords", "VCLRuntime"],
        packages: ["Crypto"]),

    Module(name: "SocketHandover", layer: .rail, uses: ["Kernel"]),
    Module(
        name: "LoadGeneration", layer: .rail, uses: ["Kernel", "HTTP1", "HTTPKit", "Rehearsal"],
        packages: ["DequeModule", "NIOCore", "NIOPosix", "NIOSSL"],
        reasons: ["HTTPKit": "it asks hosts whether they may be loaded"]),

    // capability
    Module(
        name: "People", layer: .capability, uses: ["Kernel", "Journey", "Store"], packages: ["Crypto"]),
    Module(
        name: "Dictionaries", layer: .capability, uses: ["Kernel", "CampaignFile", "Journey", "Store"]),
    Module(
        name: "Remote", layer: .capability,
        uses: ["Kernel", "HTTPKit", "Journey", "Store", "VCLService"]),
    Module(name: "Rehearsals", layer: .capability, uses: ["Kernel", "Journey", "Rehearsal", "Store"]),
    Module(
        name: "Services", layer: .capability,
        uses: [
            "Kernel", "CampaignFile", "Diagnostics", "EdgeLink", "Journey", "Store", "VCLRuntime",
            "VCLService",
        ], packages: ["Crypto"]),

    // plane
    Module(
        name: "Console", layer: .plane,
        uses: [
            "Kernel", "CampaignFile", "Diagnostics", "Dictionaries", "EdgeLink", "HTTPKit", "Journey",
            "Ledger", "People", "Rehearsal", "Rehearsals", "Store", "VCLRuntime", "VCLSimulator",
        ],
        packages: ["Mustache", "QRencode"], tests: false, resources: consoleTexts),
    Module(
        name: "Edge", layer: .plane,
        uses: [
            "Kernel", "ACME", "Compression", "Diagnostics", "EdgeLink", "EdgeRecords", "ESI", "HTTP1",
            "HTTPCache", "HTTPKit", "RequestFlow", "SocketHandover",
            "VCL", "VCLRuntime",
        ],
        packages: [
            "AsyncHTTPClient", "Atomics", "Crypto", "NIOCore", "NIOExtras", "NIOHPACK", "NIOHTTP2",
            "NIOHTTP1", "NIOPosix", "NIOSSL", "NIOTLS",
            "Logging",
        ], testUses: ["VCLSimulator"], testPackages: ["SwiftASN1", "X509"]),

    Module(
        name: "FastlyAPI", layer: .plane,
        uses: [
            "Kernel", "CampaignFile", "Diagnostics", "Dictionaries", "EdgeLink", "HTTPKit", "Journey",
            "Ledger", "People", "Services", "Store", "VCLRuntime", "VCLService",
        ], packages: ["Crypto"]),
    Module(name: "Origin", layer: .plane, uses: ["Kernel", "CampaignFile", "HTTP1", "HTTPKit"]),
    Module(
        name: "ControlPlane", layer: .plane,
        uses: [
            "Kernel", "Diagnostics", "Journey", "Store", "Ledger", "CampaignFile", "HTTPKit", "EdgeLink",
            "Dictionaries", "People", "Rehearsal", "Rehearsals", "Remote", "Services", "HTTP1", "VCL",
            "VCLPipeline", "VCLService", "VCLTesting",
            "VCLSimulator",
            "VCLRuntime",
        ]),

    // app
    Module(
        name: "Commands", layer: .app,
        uses: [
            "Kernel", "ACME", "Diagnostics", "Edge", "EdgeLink", "EdgeRecords", "HTTP1", "HTTPCache", "VCL",
            "VCLRuntime",
            "VCLLanguageServer", "VCLPipeline", "VCLLint", "VCLService", "VCLSimulator", "VCLTesting",
            "CampaignFile",
            "Console", "ControlPlane", "Dictionaries", "FastlyAPI", "HTTPKit", "Journey", "Ledger",
            "LoadGeneration", "Origin", "People", "Rehearsal", "Rehearsals", "Remote", "RequestFlow",
            "Services",
            "SocketHandover", "Store",
        ],
        packages: ["ArgumentParser", "NIOSSL", "UnixSignals"], testPackages: ["Crypto"]),
    Module(
        name: "hq", layer: .app, uses: ["Commands"], packages: ["ArgumentParser"],
        reasons: ["Commands": "the program is its commands"], tests: false),
]

let products: [String: Target.Dependency] = [
    "ArgumentParser": .product(name: "ArgumentParser", package: "swift-argument-parser"),
    "AsyncHTTPClient": .product(name: "AsyncHTTPClient", package: "async-http-client"),
    "Brotli": .target(name: "CBrotli"),
    "Atomics": .product(name: "Atomics", package: "swift-atomics"),
    "Collections": .product(name: "Collections", package: "swift-collections"),
    "Crypto": .product(name: "Crypto", package: "swift-crypto"),
    "CryptoExtras": .product(name: "CryptoExtras", package: "swift-crypto"),
    "DequeModule": .product(name: "DequeModule", package: "swift-collections"),
    "GRDB": .product(name: "GRDB", package: "GRDB.swift"),
    "HTTPTypes": .product(name: "HTTPTypes", package: "swift-http-types"),
    "Hummingbird": .product(name: "Hummingbird", package: "hummingbird"),
    "Logging": .product(name: "Logging", package: "swift-log"),
    "Mustache": .product(name: "Mustache", package: "swift-mustache"),
    "NIOConcurrencyHelpers": .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
    "NIOCore": .product(name: "NIOCore", package: "swift-nio"),
    "NIOExtras": .product(name: "NIOExtras", package: "swift-nio-extras"),
    "NIOHTTP1": .product(name: "NIOHTTP1", package: "swift-nio"),
    "NIOHPACK": .product(name: "NIOHPACK", package: "swift-nio-http2"),
    "NIOHTTP2": .product(name: "NIOHTTP2", package: "swift-nio-http2"),
    "NIOPosix": .product(name: "NIOPosix", package: "swift-nio"),
    "NIOSSL": .product(name: "NIOSSL", package: "swift-nio-ssl"),
    "NIOTLS": .product(name: "NIOTLS", package: "swift-nio"),
    "PCRE2": .target(name: "CPCRE2"),
    "QRencode": .target(name: "CQRencode"),
    "ServiceLifecycle": .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    "SwiftASN1": .product(name: "SwiftASN1", package: "swift-asn1"),
    "UnixSignals": .product(name: "UnixSignals", package: "swift-service-lifecycle"),
    "X509": .product(name: "X509", package: "swift-certificates"),
    "Yams": .product(name: "Yams", package: "Yams"),
    "Zlib": .target(name: "CZlib"),
]

// MARK: - The rules

func checkLayers() {
    let byName: [String: Module] = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0) })
    for module in modules {
        for used in module.uses {
            guard let other = byName[used] else {
                fatalError("\(module.name) uses \(used), which is not a module")
            }
            checkEdge(from: module, to: other)
        }
        checkPackages(of: module)
    }
    checkAcyclic(byName)
}

func checkEdge(from module: Module, to other: Module) {
    let sentence = "\(module.name) (\(module.layer)) may not depend on \(other.name) (\(other.layer))"
    if other.layer.rawValue < module.layer.rawValue {
        // A rail does I/O and an engine is pure, so that an engine below a rail is fine; every lower layer is.
        return
    }
    guard other.layer == module.layer else { fatalError(sentence) }
    switch module.layer {
    case .engine, .rail, .app:
        if module.reasons[other.name] == nil { fatalError(sentence + " without a reason beside the edge") }
    case .kernel, .capability, .plane:
        fatalError(sentence)
    }
}

func checkPackages(of module: Module) {
    var allowed = Imports.pure
    switch module.layer {
    case .kernel: allowed = []
    case .engine, .capability: break
    case .rail: allowed.formUnion(Imports.io)
    // Of the planes only the edge has a transport of its own.
    case .plane: if module.name == "Edge" { allowed.formUnion(Imports.io) }
    case .app: allowed.formUnion(Imports.io.union(Imports.app))
    }
    for package in module.packages where !allowed.contains(package) {
        fatalError("\(module.name) (\(module.layer)) may not import the package \(package)")
    }
}

func checkAcyclic(_ byName: [String: Module]) {
    var done: Set<String> = []
    func visit(_ name: String, _ path: [String]) {
        if path.contains(name) { fatalError("a cycle: " + (path + [name]).joined(separator: " -> ")) }
        if done.contains(name) { return }
        for used in byName[name]?.uses ?? [] { visit(used, path + [name]) }
        done.insert(name)
    }
    for module in modules { visit(module.name, []) }
}

checkLayers()

// MARK: - The package

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// The modules that a request goes through. Debug builds, and so all tests, look at run time whether two pieces of code change one
/// variable at once; in these modules the release build does not look again, which is a tenth of a hit (ADR 12).
let requestPath: Set<String> = [
    "Kernel", "HTTP1", "HTTPCache", "VCLRuntime", "RequestFlow", "EdgeRecords", "Edge",
]

func settings(of module: String) -> [SwiftSetting] {
    guard requestPath.contains(module) else { return settings }
    return settings + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]
}

func dependencies(_ names: [String], _ packages: [String]) -> [Target.Dependency] {
    names.map { .target(name: $0) } + packages.map { products[$0]! }
}

/// The golden files of a module's tests, which the tests read where they lie.
func fixtures(_ module: String) -> [String] {
    ["Fixtures", "Cases"].filter {
        FileManager.default.fileExists(atPath: Context.packageDirectory + "/Tests/\(module)Tests/\($0)")
    }
}

/// How the program is linked, for a quick start: what the loader must patch is packed into bits instead of 24 bytes
/// each, and no table of forty thousand names is made for libraries that nobody loads. Together 1.3 ms of a start.
let linking: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
            "-Xlinker", "--no-export-dynamic",
        ], .when(platforms: [.linux]))
]

var targets: [Target] = [
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CQRencode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    .systemLibrary(
        name: "CBrotli", pkgConfig: "libbrotlienc libbrotlidec", providers: [.apt(["libbrotli-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]
for module in modules {
    let needs = dependencies(module.uses, module.packages)
    if module.name == "hq" {
        targets.append(
            .executableTarget(
                name: module.name, dependencies: needs, swiftSettings: settings, linkerSettings: linking))
    } else {
        targets.append(
            .target(
                name: module.name, dependencies: needs, resources: module.resources,
                swiftSettings: settings(of: module.name)))
    }
    if module.tests {
        let testNeeds = dependencies(
            [module.name] + module.uses + module.testUses, module.packages + module.testPackages)
        targets.append(
            .testTarget(
                name: module.name + "Tests", dependencies: testNeeds, exclude: fixtures(module.name),
                swiftSettings: settings))
    }
}

// The whole program as people run it: processes, sockets, a browser.
targets.append(
    .testTarget(
        name: "ScenarioTests", dependencies: dependencies(["hq", "HTTPKit", "Journey", "Kernel"], []),
        exclude: fixtures("Scenario"),
        swiftSettings: settings))

// What `make bench` measures from inside.
targets.append(
    .executableTarget(
        name: "vcl-rates", dependencies: dependencies(["Diagnostics", "VCL", "VCLLint", "VCLRuntime"], []),
        path: "Benchmarks/Rates", swiftSettings: settings))
targets.append(
    .executableTarget(
        name: "cache-rates", dependencies: dependencies(["HTTP1", "HTTPCache", "Kernel"], []),
        path: "Benchmarks/CacheRates", swiftSettings: settings))
targets.append(
    .executableTarget(
        name: "table-rates", dependencies: dependencies(["Kernel", "VCLRuntime"], []),
        path: "Benchmarks/TableRates", swiftSettings: settings))

let package = Package(
    name: "hq",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hq", targets: ["hq"]), .executable(name: "vcl-rates", targets: ["vcl-rates"]),
        .executable(name: "cache-rates", targets: ["cache-rates"]),
        .executable(name: "table-rates", targets: ["table-rates"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-atomics", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: targets,
    swiftLanguageModes: [.v6]
)
