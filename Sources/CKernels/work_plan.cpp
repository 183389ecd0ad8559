#include "work_plan.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace vsr {

std::vector<int32_t> borders_first(int32_t count, int32_t threads, int32_t thread) {
    const int32_t start = share_start(count, threads, thread);
    const int32_t end = share_start(count, threads, thread + 1);
    std::vector<int32_t> places(static_cast<size_t>(end - start));
    std::iota(places.begin(), places.end(), start);
    const auto distance = [&](int32_t place) {
        const int32_t above = start > 0 ? place - start : count;
        const int32_t below = end < count ? end - 1 - place : count;
        return std::min(above, below);
    };
    std::sort(places.begin(), places.end(), [&](int32_t a, int32_t b) {
        return std::pair(distance(a), a) < std::pair(distance(b), b);
    });
    return places;
}

}  // namespace vsr
