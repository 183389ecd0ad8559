#include <c10/util/Exception.h>

#include <array>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "shim.h"

namespace {

thread_local std::string last_error;

// LibTorch has no error type for shapes, so its words have to tell.
bool is_about_shapes(std::string_view message) {
    constexpr std::array<std::string_view, 10> words = {
        "size of tensor", "shape",      "to have",       "dimension", "Sizes of",
        "channels",       "must match", "expected size", "same size", "invalid for input of size",
    };
    for (const auto word : words) {
        if (message.find(word) != std::string_view::npos) return true;
    }
    return false;
}

ctorch_status record(std::string_view message, ctorch_status status) {
    // One sentence for people: what follows the first line is LibTorch's debugging advice.
    last_error = message.substr(0, message.find('\n'));
    return status;
}

ctorch_status record_torch(std::string_view message) {
    if (message.find("can't allocate memory") != std::string_view::npos ||
        message.find("out of memory") != std::string_view::npos) {
        return record(message, CTORCH_ERR_OUT_OF_MEMORY);
    }
    return record(message, is_about_shapes(message) ? CTORCH_ERR_SHAPE : CTORCH_ERR_TORCH);
}

}  // namespace

namespace shim {

// The only place where C++ exceptions stop.
ctorch_status record_exception() noexcept {
    try {
        throw;
    } catch (const c10::OutOfMemoryError &error) {
        return record(error.what_without_backtrace(), CTORCH_ERR_OUT_OF_MEMORY);
    } catch (const std::bad_alloc &) {
        return record("no memory left", CTORCH_ERR_OUT_OF_MEMORY);
    } catch (const std::domain_error &error) {
        return record(error.what(), CTORCH_ERR_DEVICE);
    } catch (const c10::IndexError &error) {
        return record(error.what_without_backtrace(), CTORCH_ERR_TORCH);
    } catch (const c10::Error &error) {
        return record_torch(error.what_without_backtrace());
    } catch (const std::exception &error) {
        return record_torch(error.what());
    } catch (...) {
        return record("unknown C++ exception", CTORCH_ERR_OTHER);
    }
}

}  // namespace shim

const char *ctorch_last_error(void) {
    return last_error.c_str();
}
