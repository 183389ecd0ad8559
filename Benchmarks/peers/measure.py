"""Interleaved timing of one case: every engine once per round, all results checked first."""

import gc
import os
import statistics
import tempfile
import time

import numpy as np
import torch

import cases
import models
from engines import BF16, PEERS, Work, settle
from ours import Runtime, handover

OURS = "SlimVSR"
REFERENCE = "SlimVSR reference (C)"
#: Relative errors beyond which an engine did other work. Peers in bf16 also estimate flow in it.
BOUNDS = {"fp32": 1e-3, BF16: 0.25}
LEAST_ROUNDS, MOST_ROUNDS = 3, 51
#: Fast engines run again within a round, up to this often and this long, and give their median: a
#: moment in which the machine does something else would weigh more on them than on slow ones.
MOST_RUNS, TURN_SECONDS = 5, 0.7


class Contender:
    """Something that is timed: `run` gives milliseconds elapsed and of processor time."""

    def __init__(self, engine, precision, run, form=None, error=None, setup=None):
        self.engine, self.precision, self.run = engine, precision, run
        self.form, self.error, self.setup = form, error, setup
        self.elapsed, self.processor = [], []

    def measure(self, seconds):
        """One round's time: the median of the runs that fit, one at least."""
        runs = []
        start = time.perf_counter()
        while not runs or (len(runs) < MOST_RUNS and time.perf_counter() - start < seconds):
            runs.append(self.run())
        self.elapsed.append(statistics.median(elapsed for elapsed, _ in runs))
        processor = [value for _, value in runs if value is not None]
        self.processor.append(statistics.median(processor) if processor else None)

    @property
    def name(self):
        return f"{self.engine} ({self.form})" if self.form else self.engine

    def record(self):
        processor = [value for value in self.processor if value is not None]
        return {
            "engine": self.engine, "form": self.form, "precision": self.precision,
            "relative_error": self.error, "setup_ms": self.setup, "rounds": len(self.elapsed),
            **spread(self.elapsed), "processor_ms": statistics.median(processor or [0]) or None,
            "times_ms": self.elapsed,
        }


def spread(values):
    """Median and quartiles of milliseconds."""
    low, middle, high = quartiles(values)
    return {"median_ms": middle, "lower_quartile_ms": low, "upper_quartile_ms": high,
            "minimum_ms": min(values)}


def quartiles(values):
    return [float(x) for x in np.percentile(values, [25, 50, 75])]


def paired_ratio(times, own):
    """Median and quartiles of the ratios of the rounds: what slows a round slows both."""
    low, middle, high = quartiles([a / b for a, b in zip(times, own)])
    return {"median": middle, "lower_quartile": low, "upper_quartile": high}


def relative_error(result, expected):
    return float(np.linalg.norm(result - expected) / np.linalg.norm(expected))


def interleave(contenders, seconds, after_round=lambda: None):
    """Rounds for about `seconds`, every other one in reverse order, each followed by
    `after_round`; how long they took."""
    gc.collect()
    start, rounds = time.perf_counter(), 0
    end = start + seconds
    turn = min(TURN_SECONDS, seconds / (LEAST_ROUNDS * len(contenders)))
    while rounds < LEAST_ROUNDS or (time.perf_counter() < end and rounds < MOST_ROUNDS):
        for contender in contenders if rounds % 2 == 0 else reversed(contenders):
            settle()
            contender.measure(turn)
        after_round()
        rounds += 1
    return time.perf_counter() - start


class Bench:
    """Compares case after case; remembers which form of pruned blocks served each peer best."""

    def __init__(self, program, folder, log):
        self.program, self.folder, self.log = program, folder, log
        self.best_forms = {}
        #: Peers and forms that could not run a part at a size, or not rightly.
        self.left_out = set()
        #: Case and relative error of our tuned fp32 result to the reference executor's.
        self.reference_errors = []
        #: Seconds that the last comparison spent on timing.
        self.timed = 0
        #: How near the cores were after each of its rounds, see `ours.handover`.
        self.handovers = []

    def compare(self, case, seconds):
        """Records of one case's engines, ratios to our fp32 time among them."""
        path = self.model(case)
        inputs = self.inputs(case.size)
        reference = cases.reference_result(cases.Network(path, case.size), case.part).numpy()
        servers = []
        try:
            found = self.own(case, path, inputs, reference, servers)
            once = [x for x in found if x.engine == REFERENCE]
            found = [x for x in found if x.engine != REFERENCE]
            if case.peers:
                with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                    found += self.peers(case, path, reference, folder)
            self.handovers = []
            self.timed = interleave(found, seconds, lambda: self.note_handover(case))
            for contender in once:
                contender.elapsed, contender.processor = ([x] for x in contender.run())
        finally:
            for server in servers:
                server.close()
        self.remember_forms(case, found)
        own = next((x.elapsed for x in found if x.engine == OURS and x.precision == "fp32"), None)
        return [self.record(case, path, contender, own) for contender in found + once]

    def record(self, case, path, contender, own):
        rows, columns = case.size
        operations = cases.macs(path, case.part, case.size)
        record = contender.record()
        paired = own and len(own) == len(contender.elapsed)
        return {
            "part": case.part, "kind": case.kind, "direction": case.direction,
            "width": case.width, "blocks": case.blocks, "size": f"{columns}x{rows}",
            "threads": case.threads, "case": case.name, "gmacs": operations / 1e9, **record,
            "gmacs_per_second": operations / 1e6 / record["median_ms"],
            "ratio_to_ours": paired_ratio(contender.elapsed, own) if paired else None,
            "handovers_ns": self.handovers,
        }

    def note_handover(self, case):
        """Notes how near the cores are, if the case uses two."""
        if case.threads > 1 and os.cpu_count() > 1:
            self.handovers.append(round(handover(self.program)))

    def own(self, case, path, inputs, reference, servers):
        """Our executors, each a process of its own."""
        kinds = [(OURS, "tuned", "fp32")]
        if case.part not in ("flow", "warp"):  # always in fp32
            kinds.append((OURS, "tuned", BF16))
        if case.reference:
            kinds.append((REFERENCE, "reference", "fp32"))
        found, results = [], {}
        with torch.inference_mode():
            network = cases.Network(path, case.size)
            expected = network.ours(case.part, torch.from_numpy(reference))
        for name, executor, precision in kinds:
            server = Runtime(self.program, case.part, path, case.size, case.threads, inputs,
                             precision, executor)
            servers.append(server)
            if server.precision != precision:
                self.log(f"    {name} {precision}: this processor has none")
                continue
            results[name, precision] = server.result()
            error = self.check(name, precision, results[name, precision], expected.numpy())
            found.append(Contender(name, precision, server.run, error=error,
                                   setup=server.start_ms))
        if (REFERENCE, "fp32") in results:
            error = relative_error(results[OURS, "fp32"], results[REFERENCE, "fp32"])
            self.reference_errors.append((case.part, error))
        return found

    def peers(self, case, path, reference, folder):
        """Every other engine that can run the case, in every form that is worth timing; `folder`
        holds converted networks until all have read them."""
        forms = ("gathered", "padded") if case.depends_on_form else ("padded",)
        work = {}
        for form in forms:
            with torch.no_grad():
                network = cases.Network(path, case.size, padded=form == "padded")
                work[form] = Work(*network.work(case.part), folder)
        found = []
        for engine in PEERS:
            if case.part == "frame" and not engine.in_frames:
                continue
            best = self.best_forms.get((engine.name, engine.precision, case.width))
            chosen = [best] if best and case.part == "frame" else engine.forms
            for form in forms if len(forms) == 1 else chosen:
                label = form if case.depends_on_form else None
                key = engine.name, engine.precision, form, case.part, case.size
                if key in self.left_out:
                    self.log(f"    {engine.name} {engine.precision}: left out, as before")
                    continue
                contender = self.peer(engine, work[form], case.threads, label, reference)
                if contender:
                    found.append(contender)
                else:
                    self.left_out.add(key)
        return found

    def peer(self, engine, work, threads, form, reference):
        start = time.perf_counter()
        name = f"{engine.name} ({form})" if form else engine.name
        try:
            run = engine.prepare(work, threads)
            result = engine.array(run())
            setup = 1e3 * (time.perf_counter() - start)
            error = self.check(name, engine.precision, result, reference)
        except Exception as failure:  # a peer that cannot run a case is reported, not fatal
            reason = str(failure).strip().split("\n")[0] or type(failure).__name__
            self.log(f"    {name} {engine.precision}: left out: {reason[:60]}")
            return None
        return Contender(engine.name, engine.precision, timed(run), form, error, setup)

    def check(self, name, precision, result, expected):
        """The relative error of a result, printed."""
        result, expected = result.ravel(), expected.ravel()
        if result.shape != expected.shape:
            raise RuntimeError(f"{result.size} values where {expected.size} are right")
        error = relative_error(result, expected)
        self.log(f"    {name:34} {precision}  relative error {error:.1e}")
        if not error < BOUNDS[precision]:
            raise RuntimeError(f"wrong result, relative error {error:.1e}")
        return error

    def remember_forms(self, case, found):
        if not (case.part == "trunk" and case.depends_on_form):
            return
        for engine in {(x.engine, x.precision) for x in found if x.form}:
            rivals = [x for x in found if (x.engine, x.precision) == engine]
            best = min(rivals, key=lambda x: statistics.median(x.elapsed))
            self.best_forms.setdefault((*engine, case.width), best.form)

    def model(self, case):
        path = os.path.join(self.folder, case.model_name)
        if not os.path.exists(path):
            models.write_model(path, case.width, case.blocks, case.kind == "pruned",
                               case.direction)
        return path

    def inputs(self, size):
        path = os.path.join(self.folder, f"inputs-{size[1]}x{size[0]}.f32")
        if not os.path.exists(path):
            cases.write_inputs(path, size)
        return path

    def scaling(self, variants, seconds):
        """Our fp32 times of cases that differ in pruning and threads, by turns."""
        servers, contenders = [], []
        self.handovers = []
        try:
            for case in variants:
                server = Runtime(self.program, case.part, self.model(case), case.size,
                                 case.threads, self.inputs(case.size))
                servers.append(server)
                contenders.append(Contender(OURS, "fp32", server.run, setup=server.start_ms))
            self.timed = interleave(contenders, seconds,
                                    lambda: self.note_handover(variants[-1]))
        finally:
            for server in servers:
                server.close()
        return [self.record(case, self.model(case), contender, None)
                for case, contender in zip(variants, contenders)]

    def start_and_memory(self, case, starts):
        """Milliseconds from reading the file to the first frame, and resident MB after five more;
        one process after another."""
        times, memory = [], []
        for _ in range(starts):
            with Runtime(self.program, "frame", self.model(case), case.size, case.threads,
                         self.inputs(case.size)) as server:
                for _ in range(5):
                    server.run()
                times.append(server.start_ms)
                memory.append(server.peak_megabytes())
        return {"case": case.name, "kind": case.kind, "threads": case.threads,
                **spread(times), "resident_mb": max(memory)}


def timed(run):
    """`run` with the time that it took, elapsed and of all threads' processors."""

    def measured():
        processor, start = time.process_time(), time.perf_counter()
        run()
        elapsed = time.perf_counter() - start
        return 1e3 * elapsed, 1e3 * (time.process_time() - processor)

    return measured
