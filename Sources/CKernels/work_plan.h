// Which thread best does what.
#ifndef VSR_WORK_PLAN_H
#define VSR_WORK_PLAN_H

#include <cstdint>
#include <vector>

namespace vsr {

/// A job's pieces in an order in which one thread could do them all: phase by phase, and within a
/// phase share by share. A piece may wait for pieces of earlier phases. Threads have shares of
/// their own, at most one each: thread t of n has number ⌊t · shares / n⌋, so that what a thread
/// writes stays with the core that will read it: caches of other cores can be as far away as
/// memory.
struct WorkPlan {
    int32_t shares;
    /// Whether no piece waits for one of another share. Then a thread does its whole share before
    /// it helps others with theirs, and else a phase of its share before it helps with that phase.
    bool independent = false;
    /// Pieces of share s of phase p: [starts[shares · p + s], starts[shares · p + s + 1]).
    std::vector<int32_t> starts{0};

    int32_t phases() const { return (static_cast<int32_t>(starts.size()) - 1) / shares; }
    int32_t pieces() const { return starts.back(); }
    /// Adds the next share of the phase under way.
    void add_share(int32_t pieces) { starts.push_back(starts.back() + pieces); }
};

/// The first of `count` places in a row that belongs to `thread`.
inline int32_t share_start(int32_t count, int32_t threads, int32_t thread) {
    return static_cast<int32_t>(int64_t{count} * thread / threads);
}

/// The places of one share in the order in which to do them: those beside other threads' first, so
/// that nobody waits for them long.
std::vector<int32_t> borders_first(int32_t count, int32_t threads, int32_t thread);

}  // namespace vsr
#endif
