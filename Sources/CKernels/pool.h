// Inside of the thread pool: scratch memory, plans, and jobs divided among threads.
#ifndef VSR_POOL_INTERNAL_H
#define VSR_POOL_INTERNAL_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "include/vsr_pool.h"
#include "work_plan.h"

namespace vsr {

/// Makes sure that every thread has `per_thread` bytes of scratch and that there are `shared`
/// bytes for all of them. Only grows, so a network's frames after the first allocate nothing.
bool reserve_scratch(vsr_pool *pool, size_t per_thread, size_t shared);
float *thread_scratch(vsr_pool *pool, int32_t thread);
std::byte *shared_scratch(vsr_pool *pool);

struct KernelTable;
/// Of the best instruction set that was permitted when the pool was created.
const KernelTable &pool_kernels(const vsr_pool *pool);

/// How a network's part goes through maps of one size: made at its first run with a pool and kept
/// there, so that later runs neither plan nor allocate.
struct KeptPlan {
    virtual ~KeptPlan() = default;
};

/// What a plan is for: `owner` by its number, since an address may come to be another's.
struct PlanKey {
    uint64_t owner;
    int32_t height, width;
    bool operator==(const PlanKey &) const = default;
};

/// A number that no other owner of plans has.
uint64_t new_owner();
/// The plan kept for `key`, NULL if there is none.
KeptPlan *kept_plan(vsr_pool *pool, const PlanKey &key);
void keep_plan(vsr_pool *pool, const PlanKey &key, std::unique_ptr<KeptPlan> plan);

/// The plan kept for `owner` and maps of this size, made as `Plan(owner, pool, height, width)` if
/// there is none. `Owner` has a `number`.
template <class Plan, class Owner>
Plan &plan_of(const Owner &owner, vsr_pool *pool, int32_t height, int32_t width) {
    const PlanKey key{owner.number, height, width};
    if (!kept_plan(pool, key)) {
        keep_plan(pool, key, std::make_unique<Plan>(owner, pool, height, width));
    }
    return static_cast<Plan &>(*kept_plan(pool, key));
}

/// Waits until `flag` is at least `value`: briefly awake, then asleep, so that a thread whose
/// core was taken away is not kept from running by those that wait for it.
void wait_until(const std::atomic<int32_t> &flag, int32_t value);

/// Sets a flag that others wait for.
void raise(std::atomic<int32_t> &flag, int32_t value);

/// Calls the function object at `body`.
template <class Body>
void call_body(void *body, int32_t piece, int32_t thread) {
    (*static_cast<Body *>(body))(piece, thread);
}

/// Runs `body(piece, thread)` for every piece in [0, pieces), which do not wait for each other: see
/// `vsr_pool_for`.
template <class Body>
void parallel_for(vsr_pool *pool, int32_t pieces, Body &&body) {
    vsr_pool_for(pool, pieces, call_body<Body>, &body);
}

/// Makes room for a work plan. Only grows.
void reserve_work_plan(vsr_pool *pool, const WorkPlan &work_plan);
void run_work_plan(vsr_pool *pool, const WorkPlan &work_plan,
                   void (*body)(void *, int32_t, int32_t), void *context);

/// Runs `body(piece, thread)` for every piece of a work plan for which room was made. A thread
/// takes pieces of its own share from the start, of others from the end, and comes to a phase only
/// when every piece that this phase may wait for is taken: whatever a piece waits for is being
/// done.
template <class Body>
void planned_for(vsr_pool *pool, const WorkPlan &work_plan, Body &&body) {
    run_work_plan(pool, work_plan, call_body<Body>, &body);
}

}  // namespace vsr
#endif
