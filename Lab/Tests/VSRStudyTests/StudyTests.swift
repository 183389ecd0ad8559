import Foundation
import Testing
import VSRConfiguration
import VSRCore
import VSRMedia
import VSRModel
import VSRPruning
import VSRTestSupport
import VSRTools
import VSRTraining

@testable import VSRStudy

/// Studies of networks of a few channels on two clips of moving stripes.
struct TinyStudy {
    let folder: TemporaryFolder
    var settings = StudySettings()

    init(_ methods: [StudyMethod]) throws {
        folder = try TemporaryFolder()
        let blueprint = Blueprint(
            direction: .unidirectional, width: 8, blocks: 2, upsamplerWidth: 8, scale: 2,
            flow: Blueprint.FlowNetwork(widths: [2, 2, 2, 2], levels: 2))
        try ModelFile.write(
            .initialized(blueprint, seed: 1), to: folder.path("dense.safetensors"))
        for clip in 0..<2 {
            let writer = try ImageSequenceWriter(folder.path("clips/\(clip)"))
            for index in 0..<5 {
                try writer.write(
                    TimedFrame(
                        MovingStripes.frame(
                            index, clip: clip, size: FrameSize(width: 96, height: 80)),
                        timestamp: Int64(index)))
            }
            try writer.finish()
        }
        settings.output = folder.path("study")
        settings.models = [folder.path("dense.safetensors")]
        settings.methods = methods
        settings.iterations = 12
        settings.regularization.step = 0.5
        settings.regularization.interval = 1
        settings.regularization.limit = 1
        settings.regularization.hold = 6
        settings.regularization.factorRate = 0.25
        settings.data.clips = folder.path("clips")
        settings.data.frames = 3
        settings.data.patch = 8
        settings.data.batchSize = 1
        settings.run.threads = 1
        settings.run.logEvery = 1
        settings.run.checkpointEvery = 4
        settings.evaluations = [folder.path("clips")]
    }

    func run(only: String? = nil, stoppingAt iteration: Int? = nil) throws {
        try runner(stoppingAt: iteration).run(only: only)
    }

    func runner(stoppingAt iteration: Int? = nil) throws -> StudyRunner {
        let cancellation = Cancellation()
        var environment = TrainingEnvironment(
            progress: {
                if $0.unit == "iterations", $0.completed == iteration { cancellation.request() }
            }, cancellation: cancellation)
        environment.clipCache = folder.path("cache")
        return try StudyRunner(settings, environment: environment)
    }

    func results() throws -> StudyResults { try StudyResults.read(settings.output) }

    func steps() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(settings.output)/steps").sorted()
    }

    func count(_ step: String) throws -> Int {
        try steps().filter { $0.hasPrefix(step) }.count
    }
}

@Suite struct StudyTests {
    @Test func everyMethodGivesACell() throws {
        // Clips to calibrate on are larger than these for a scale of 4, not for 2.
        var study = try TinyStudy(StudyMethod.allCases)
        study.settings.timedFrames = 1
        study.settings.validation.clips = study.folder.path("clips")
        try study.run()
        let results = try study.results()
        #expect(results.cells.map(\.method) == StudyMethod.allCases.map(\.rawValue))
        let dense = try ModelFile.read(study.folder.path("dense.safetensors"))
        let most = dense.blueprint.costs().macs / 2
        for cell in results.cells {
            let method = try #require(StudyMethod(rawValue: cell.method))
            #expect(cell.quality.map(\.dataSet) == ["clips"] && cell.quality[0].frameCount == 10)
            #expect((cell.costs == nil) == (method == .bicubic))
            if method.hasTarget {
                // Aligned structures take the width whose costs are nearest: of 8 channels, 5 or 6.
                let limit = method.recipe.structure == .aligned ? most * 5 / 4 : most
                #expect(try #require(cell.costs).macs <= limit, "\(cell.name)")
            }
            // Iterations as configured, by the cell and by the logs of its steps.
            let expected = method.recipe.isTrained ? 12 : 0
            #expect(cell.regularizationIterations + cell.finetuningIterations == expected)
            #expect(cell.regularizationIterations == (method.recipe.start == .regularized ? 8 : 0))
            var logged = 0
            for step in cell.steps {
                let path = "\(study.settings.output)/\(step)/log.jsonl"
                let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                logged +=
                    text.split(separator: "\n").filter { $0.contains("iterationsPerSecond") }
                    .count
            }
            #expect(logged == expected, "\(cell.name)")
            if let file = cell.model {
                let model = try ModelFile.read("\(study.settings.output)/\(file)")
                #expect(model.blueprint.costs().macs == cell.costs?.macs)
            }
        }
        // ASSL and SSL1 share their regularization, and SSL3, SSL and SSL with compensation theirs.
        #expect(try study.count("compress") == 8)
        #expect(try study.count("refit") == 1)
        #expect(try study.count("finetune") == 17)
        // RFC 4180: a line for each cell, and one of names.
        let csv = try String(
            contentsOfFile: "\(study.settings.output)/results.csv", encoding: .utf8)
        #expect(csv.components(separatedBy: "\r\n").count == StudyMethod.allCases.count + 2)

        let report = try StudyReport(results, folder: study.settings.output)
        let page = try report.write(to: study.folder.path("report"), pictures: true)
        let html = try String(contentsOfFile: page, encoding: .utf8)
        for cell in results.cells { #expect(html.contains(cell.method)) }
        #expect(html.contains("Tab. 2") && html.contains("Tab. 3") && html.contains("published"))
        #expect(html.contains("Drift of hidden states") && html.contains("Scaling factors"))
        #expect(html.contains("Removed per block") && !html.contains("left out"))
        let elsewhere = try StudyReport(results, folder: nil).report()
        #expect(elsewhere.conditions.contains { $0.name == "left out" })
    }

    @Test func whatIsDoneIsNotDoneAgain() throws {
        let study = try TinyStudy([.l1, .ssl3])
        try study.run(only: "l1")
        #expect(try study.results().cells.map(\.method) == ["l1"])
        func times() throws -> [String: Date] {
            var result: [String: Date] = [:]
            for step in try study.steps() {
                let path = "\(study.settings.output)/steps/\(step)/model.safetensors"
                result[step] =
                    try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
                    as? Date
            }
            return result
        }
        let before = try times()
        try study.run()
        #expect(try study.results().cells.map(\.method) == ["l1", "ssl3"])
        for (step, time) in before { #expect(try times()[step] == time) }
        // Another number of iterations is another cell, made of the same pruned network.
        var longer = study
        longer.settings.iterations = 13
        try longer.run(only: "l1")
        #expect(try study.count("prune") == 1)
        #expect(try study.count("finetune") == 3)
        // Threads and validation change no result.
        var other = study
        other.settings.run.threads = 2
        other.settings.validation.clips = study.folder.path("clips")
        #expect(
            try StudyPlan(other.settings).cells.map(\.key)
                == StudyPlan(study.settings).cells.map(\.key))
    }

    @Test func anInterruptedStudyGoesOnAndGivesTheSame() throws {
        let whole = try TinyStudy([.ssl])
        try whole.run()
        let broken = try TinyStudy([.ssl])
        for iteration in [3, 2] {
            let error = #expect(throws: VSRError.self) {
                try broken.run(stoppingAt: iteration)
            }
            #expect(error?.code == .cancelled)
        }
        let status = try broken.runner().status()
        #expect(status.contains("interrupted") || status.contains("waiting"))
        try broken.run()
        func model(_ study: TinyStudy) throws -> Model {
            let file = try #require(try study.results().cells.first?.model)
            return try ModelFile.read("\(study.settings.output)/\(file)")
        }
        #expect(try model(broken).tensors == model(whole).tensors)
    }

    /// A step that somebody else works at is waited for, and not done twice.
    @Test func aStepOfAnotherProcessIsWaitedFor() throws {
        let study = try TinyStudy([.compensatedOnly])
        let runner = try study.runner()
        let step = try #require(runner.plan.cells[0].step)
        let lease = try #require(try FolderLease.take(runner.folders.path(of: step)))
        #expect(try runner.status().contains("compensate"))
        let release = Thread {
            Thread.sleep(forTimeInterval: 1)
            lease.giveBack()
        }
        release.start()
        try runner.run()
        #expect(lease.isLost)
        #expect(try study.results().cells.count == 1)
    }

    @Test func aCellThatFailsStopsNoOther() throws {
        var study = try TinyStudy([.dense, .l1])
        study.settings.targets = [.count(10), .share(0.5)]
        let error = #expect(throws: VSRError.self) { try study.run() }
        #expect(error?.message.contains("l1/10") == true, "\(error?.message ?? "")")
        #expect(try study.results().cells.count == 2)
    }

    @Test func aSelectionIsSharedByMethodsThatCanUseIt() throws {
        let yaml = """
            models: [a]
            methods: [ssl, ssl-random, assl, l1-free, ssl-taylor, ssl2]
            selection:
              {norm: sum, normalization: lamp, align: 4, exclude: [upsampler],
               partRatio: {trunk: 0.25}, scoreBatches: 5}
            """
        let study = try ConfigurationFile.parse(StudySettings.self, yaml: yaml, name: "study.yml")
        let selections = study.methods.map(study.selection(of:))
        for selection in selections {
            try selection.validate()
            #expect(selection.exclude == [.upsampler] && selection.partRatio == [.trunk: 0.25])
        }
        #expect(selections.map(\.norm) == [.sum, .sum, .sum, .sum, .mean, .sum])
        #expect(selections.map(\.normalization) == [.lamp, .none, .none, .lamp, .lamp, .lamp])
        #expect(selections.map(\.align) == [4, 4, 1, 4, 4, 4])
        #expect(
            selections.map(\.structure)
                == [.free, .free, .aligned, .free, .free, .ungrouped])
        #expect(selections.map(\.order) == [.min, .random, .min, .min, .min, .min])
        #expect(selections.map(\.score) == [nil, nil, nil, nil, .taylor, nil])
        #expect(selections.map(\.scoreBatches) == [nil, nil, nil, nil, 5, nil])
    }

    /// The parts of the method are compared at one cost, that of SSL2 exactly SSL's.
    @Test func theAblationsCellsCostTheSame() throws {
        let study = try TinyStudy([.ssl1, .ssl2, .ssl3, .ssl, .sslTaylor, .sslCompensated])
        let cells = try study.runner().plan.cells
        let costs = try cells.map { try #require(try $0.expectedCosts()).macs }
        #expect(Set(costs[1...]).count == 1)
        let target = try ModelFile.read(study.folder.path("dense.safetensors")).blueprint.costs()
        #expect(Double(costs[1]) <= 0.5 * Double(target.macs))
        // Of 8 channels an aligned structure has 5 or 6 left.
        #expect(Double(costs[0]) < 1.25 * Double(costs[1]))
        // Regularized once, refitted apart.
        let chains = cells.map { $0.step?.chain.map(\.work.kind) ?? [] }
        #expect(chains[3] == ["compress", "finetune"])
        #expect(chains[5] == ["compress", "refit", "finetune"])
        #expect(cells[5].step?.chain[0].key == cells[3].step?.chain[0].key)
        #expect(cells[4].step?.chain[0].key != cells[3].step?.chain[0].key)
    }

    /// Steps of a study that was begun before there were scores by gradients, ratios of parts and
    /// compensation of regularized networks.
    @Test func newSettingsLeaveEarlierStepsWhatTheyWere() throws {
        let study = try TinyStudy([.l1, .ssl])
        for cell in try study.runner().plan.cells {
            guard let first = cell.step?.chain.first else { continue }
            switch first.work {
            case .prune(let settings):
                let text = try JSONText.text(settings, .compact)
                for key in ["score", "partRatio"] { #expect(!text.contains(key)) }
            case .compress(let settings):
                let text = try ConfigurationFile.yaml(of: settings)
                for key in ["score", "partRatio", "compensate"] { #expect(!text.contains(key)) }
            default: Issue.record("\(first.work.kind) comes first")
            }
        }
    }

    @Test func distillationIsForAllTrainedMethodsAlike() throws {
        var study = try TinyStudy([.l1Free, .compensated, .lite, .compensatedTemporal])
        let plain = try StudyPlan(study.settings).cells.map(\.key)
        study.settings.distillation.frameShare = 1
        study.settings.distillation.wholeClips = true
        study.settings.flow.rateFactor = 0
        study.settings.flow.wholeClips = true
        let distilled = try StudyPlan(study.settings).cells.map(\.key)
        #expect(Set(plain + distilled).count == 8)
        try study.run()
        let trained = try study.steps().filter { $0.hasPrefix("finetune") }
        #expect(trained.count == 4)
        var held = 0
        for step in trained {
            let log = try TrainingLogFile(
                path: "\(study.settings.output)/steps/\(step)/\(TrainingLogFile.name)")
            let text = String(decoding: try #require(log.lines.first).text, as: UTF8.self)
            #expect(text.contains("imitation"))
            if text.contains("temporal") { held += 1 }
        }
        #expect(held == 1)
        // Flows, and the teacher's frames: made once for all cells.
        let cached = try FileManager.default.contentsOfDirectory(atPath: study.folder.path("cache"))
        #expect(cached.count == 2)
    }

    @Test func dryRunsTellCostsAndWriteNothing() throws {
        var study = try TinyStudy([.bicubic, .dense, .ssl, .compensated])
        study.settings.seeds = [1, 2]
        let text = try study.runner().dryRun()
        #expect(!FileManager.default.fileExists(atPath: study.settings.output))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
        for name in ["dense/bicubic", "dense/dense", "dense/ssl/0.5/2", "dense/compensated/0.5/1"] {
            #expect(text.contains(name), "\(name) in \(text)")
        }
        #expect(!text.contains("dense/dense/"))
        #expect(throws: VSRError.self) { try study.runner().dryRun(only: "nothing") }
    }

    @Test(arguments: [
        ("models: []", "models"), ("models: [a]\niterations: 100", "iterations"),
        ("models: [a, a]", "models"), ("models: [a]\nmethods: [sslx]", "methods"),
        ("models: [a]\nmethods: [compensated]", "data.clips"),
        ("models: [a]\nmethods: [ssl-compensated]", "data.clips"),
        ("models: [a]\nselection: {score: taylor}", "selection is more than that"),
        ("models: [a]\nseeds: []", "seeds"),
        ("models: [a]\ntemporalWeight: 0", "temporalWeight"),
        ("models: [a]\nevaluations: [a/val, b/val]", "evaluations"),
        ("models: [a]\nselection: {ratio: 0.5}", "selection is more than that"),
        (
            "models: [a]\nmethods: [ssl]\ndistillation: {frameShare: 0, wholeClips: true}",
            "distillation.frameShare is 0.0; it must be above 0"
        ),
    ])
    func badSettingsAreNamed(_ yaml: String, _ key: String) {
        let error = #expect(throws: VSRError.self) {
            try ConfigurationFile.parse(StudySettings.self, yaml: yaml, name: "study.yml")
        }
        #expect(error?.message.contains(key) == true, "\(error?.message ?? "")")
    }
}
