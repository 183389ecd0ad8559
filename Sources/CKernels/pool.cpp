#include "pool.h"

#include <cstdint>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "allocate.h"
#include "kernel_table.h"

namespace {

void pause_briefly() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// About 20 µs on current cores: longer than the gap between two kernels of a network, shorter
// than what a waiting thread would cost one that needs the core.
constexpr int kSpins = 500;

// Added to `gate` when no further worker may enter; far below the negative of any thread count.
constexpr int32_t kClosed = -(1 << 20);

struct Scratch {
    void *memory = nullptr;
    size_t bytes = 0;

    bool reserve(size_t wanted) {
        if (wanted <= bytes) return true;
        vsr::release(memory);
        memory = vsr::allocate(wanted);
        bytes = memory ? wanted : 0;
        return memory != nullptr;
    }
};

/// A share: its next piece in the low half, its end in the high one.
uint64_t share_of(int32_t next, int32_t end) {
    return static_cast<uint64_t>(end) << 32 | static_cast<uint32_t>(next);
}

/// The first or the last piece of what is left, −1 if nothing is.
int32_t take(std::atomic<uint64_t> &share, bool last) {
    uint64_t left = share.load(std::memory_order_relaxed);
    for (;;) {
        const int32_t next = static_cast<int32_t>(left & 0xFFFFFFFF);
        const int32_t end = static_cast<int32_t>(left >> 32);
        if (next >= end) return -1;
        const uint64_t rest = last ? share_of(next, end - 1) : share_of(next + 1, end);
        if (share.compare_exchange_weak(left, rest, std::memory_order_relaxed)) {
            return last ? end - 1 : next;
        }
    }
}

}  // namespace

// A job is open while `gate` is not negative; it then counts the workers inside. The caller never
// waits for a worker that has not entered, so a worker without a core delays nobody.
struct vsr_pool {
    const vsr::KernelTable *const kernels;
    std::vector<std::thread> workers;
    std::vector<Scratch> scratch;
    Scratch shared;
    std::vector<std::pair<vsr::PlanKey, std::unique_ptr<vsr::KeptPlan>>> plans;

    /// What is left of each share of each phase of the job, in the work plan's order.
    std::vector<std::atomic<uint64_t>> shares;
    /// The one phase of a job without a work plan.
    vsr::WorkPlan even{.shares = 1};

    std::atomic<uint32_t> epoch{0};
    std::atomic<int32_t> gate{kClosed};
    std::atomic<bool> stopping{false};

    // The job: written only while the gate is closed and nobody is inside.
    void (*body)(void *, int32_t, int32_t) = nullptr;
    void *context = nullptr;
    const vsr::WorkPlan *work_plan = nullptr;

    explicit vsr_pool(const vsr::KernelTable &table) : kernels(&table) {}

    int32_t threads() const { return static_cast<int32_t>(scratch.size()); }

    void take_pieces(int32_t thread) {
        const vsr::WorkPlan &job = *work_plan;
        const int32_t phases = job.phases(), own = vsr::share_start(job.shares, threads(), thread);
        const auto take_all = [&](int32_t phase, int32_t ahead) {
            const int32_t number = job.shares * phase + (own + ahead) % job.shares;
            for (int32_t piece; (piece = take(shares[number], ahead > 0)) >= 0;) {
                body(context, piece, thread);
            }
        };
        if (job.independent) {
            for (int32_t ahead = 0; ahead < job.shares; ahead++) {
                for (int32_t phase = 0; phase < phases; phase++) take_all(phase, ahead);
            }
        } else {
            for (int32_t phase = 0; phase < phases; phase++) {
                for (int32_t ahead = 0; ahead < job.shares; ahead++) take_all(phase, ahead);
            }
        }
    }

    bool enter() {
        int32_t inside = gate.load(std::memory_order_relaxed);
        while (inside >= 0) {
            if (gate.compare_exchange_weak(inside, inside + 1, std::memory_order_acquire)) {
                return true;
            }
        }
        return false;
    }

    void leave() {
        if (gate.fetch_sub(1, std::memory_order_seq_cst) - 1 == kClosed) gate.notify_one();
    }

    void work(int32_t thread) {
        uint32_t seen = 0;
        for (;;) {
            for (int spin = 0; epoch.load(std::memory_order_acquire) == seen; spin++) {
                if (spin < kSpins) {
                    pause_briefly();
                } else {
                    epoch.wait(seen, std::memory_order_acquire);
                }
            }
            seen = epoch.load(std::memory_order_acquire);
            if (stopping.load(std::memory_order_acquire)) return;
            if (enter()) {
                take_pieces(thread);
                leave();
            }
        }
    }

    void wait_for_workers() {
        int32_t inside = gate.fetch_add(kClosed, std::memory_order_acq_rel) + kClosed;
        for (int spin = 0; inside != kClosed; spin++) {
            if (spin < kSpins) {
                pause_briefly();
            } else {
                gate.wait(inside, std::memory_order_acquire);
            }
            inside = gate.load(std::memory_order_acquire);
        }
    }
};

namespace vsr {

bool reserve_scratch(vsr_pool *pool, size_t per_thread, size_t shared) {
    for (Scratch &scratch : pool->scratch) {
        if (!scratch.reserve(per_thread)) return false;
    }
    return pool->shared.reserve(shared);
}

const KernelTable &pool_kernels(const vsr_pool *pool) {
    return *pool->kernels;
}

float *thread_scratch(vsr_pool *pool, int32_t thread) {
    return static_cast<float *>(pool->scratch[static_cast<size_t>(thread)].memory);
}

std::byte *shared_scratch(vsr_pool *pool) {
    return static_cast<std::byte *>(pool->shared.memory);
}

uint64_t new_owner() {
    static std::atomic<uint64_t> last{0};
    return ++last;
}

KeptPlan *kept_plan(vsr_pool *pool, const PlanKey &key) {
    for (const auto &[kept, plan] : pool->plans) {
        if (kept == key) return plan.get();
    }
    return nullptr;
}

void keep_plan(vsr_pool *pool, const PlanKey &key, std::unique_ptr<KeptPlan> plan) {
    // One for every part of a network and size in use; whoever goes through many begins anew.
    constexpr size_t kMost = 256;
    if (pool->plans.size() == kMost) pool->plans.clear();
    pool->plans.emplace_back(key, std::move(plan));
}

void reserve_work_plan(vsr_pool *pool, const WorkPlan &work_plan) {
    const size_t shares = work_plan.starts.size() - 1;
    if (shares > pool->shares.size()) pool->shares = std::vector<std::atomic<uint64_t>>(shares);
}

void run_work_plan(vsr_pool *pool, const WorkPlan &work_plan,
                   void (*body)(void *, int32_t, int32_t), void *context) {
    if (pool->workers.empty()) {
        for (int32_t piece = 0; piece < work_plan.pieces(); piece++) body(context, piece, 0);
        return;
    }
    pool->body = body;
    pool->context = context;
    pool->work_plan = &work_plan;
    for (size_t i = 0; i + 1 < work_plan.starts.size(); i++) {
        pool->shares[i].store(share_of(work_plan.starts[i], work_plan.starts[i + 1]),
                              std::memory_order_relaxed);
    }
    pool->gate.store(0, std::memory_order_release);
    pool->epoch.fetch_add(1, std::memory_order_seq_cst);
    pool->epoch.notify_all();
    pool->take_pieces(0);
    pool->wait_for_workers();
}

void wait_until(const std::atomic<int32_t> &flag, int32_t value) {
    int32_t now = flag.load(std::memory_order_acquire);
    for (int spin = 0; now < value; spin++) {
        if (spin < kSpins) {
            pause_briefly();
        } else {
            flag.wait(now, std::memory_order_acquire);
        }
        now = flag.load(std::memory_order_acquire);
    }
}

void raise(std::atomic<int32_t> &flag, int32_t value) {
    // In one order with the look at who waits, by which notifying begins: after a mere release that
    // look may come before the value is seen by a thread that is about to sleep, which then sleeps
    // forever.
    flag.store(value, std::memory_order_seq_cst);
    flag.notify_all();
}

}  // namespace vsr

vsr_pool *vsr_pool_create(int32_t threads, vsr_isa_set permitted) {
    // More threads than this are a mistake, and the gate counts them in twenty bits.
    if (threads < 1 || threads > 4096) return nullptr;
    vsr_pool *pool = new (std::nothrow) vsr_pool(vsr::kernels(permitted));
    if (!pool) return nullptr;
    try {
        pool->scratch.resize(static_cast<size_t>(threads));
        pool->even.shares = threads;
        pool->even.starts.resize(static_cast<size_t>(threads) + 1);
        vsr::reserve_work_plan(pool, pool->even);
        pool->workers.reserve(static_cast<size_t>(threads) - 1);
        for (int32_t thread = 1; thread < threads; thread++) {
            pool->workers.emplace_back([pool, thread] { pool->work(thread); });
        }
    } catch (...) {
        vsr_pool_destroy(pool);
        return nullptr;
    }
    return pool;
}

void vsr_pool_destroy(vsr_pool *pool) {
    if (!pool) return;
    pool->stopping.store(true, std::memory_order_release);
    pool->epoch.fetch_add(1, std::memory_order_seq_cst);
    pool->epoch.notify_all();
    for (std::thread &worker : pool->workers) worker.join();
    for (Scratch &scratch : pool->scratch) vsr::release(scratch.memory);
    vsr::release(pool->shared.memory);
    delete pool;
}

int32_t vsr_pool_threads(const vsr_pool *pool) {
    return static_cast<int32_t>(pool->scratch.size());
}

void vsr_pool_for(vsr_pool *pool, int32_t pieces, void (*body)(void *, int32_t, int32_t),
                  void *context) {
    if (!pool || pool->workers.empty() || pieces <= 1) {
        for (int32_t piece = 0; piece < pieces; piece++) body(context, piece, 0);
        return;
    }
    for (int32_t thread = 0; thread <= pool->threads(); thread++) {
        pool->even.starts[thread] = vsr::share_start(pieces, pool->threads(), thread);
    }
    vsr::run_work_plan(pool, pool->even, body, context);
}
