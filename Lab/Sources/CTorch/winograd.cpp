// 3×3 convolutions by Winograd's algorithm F(4×4, 3×3), differentiable: a quarter of the products
// of a direct convolution, in all three passes.
//
// Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016: an output tile of
// 4×4 is Aᵀ[(G w Gᵀ) ⊙ (Bᵀ d B)]A of its 6×6 input pixels d and the filter w. Summed over channels
// the products are 36 matrix products. The gradients are the transposed
// maps: of the filter's points, (Bᵀ d B)ᵀ · (A dy Aᵀ); of the input, B[(G w Gᵀ) · (A dy Aᵀ)]Bᵀ,
// added up where tiles overlap.
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_strided.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <vector>

#include "ctorch_operations.h"
#include "shim.h"

using shim::returning;
using shim::unwrap;

// One copy for each level of instruction sets, chosen when the program starts. Levels ask for what
// the processor can do; names of processors, such as haswell, would leave other makers' out.
#if defined(__x86_64__) && defined(__ELF__)
#define CTORCH_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CTORCH_CLONES
#endif
#define CTORCH_ALWAYS __attribute__((always_inline))
#define CTORCH_INLINE inline CTORCH_ALWAYS

namespace {

// Interpolation points 0, ±a, ±b, ∞: half the rounding error of the usual ±1, ±2.
constexpr float a = 0.625f, b = 1.5f;
constexpr float aa = a * a, bb = b * b, product = aa * bb, sum = aa + bb;
constexpr int kTile = 4, kPoints = 6, kPlanes = kPoints * kPoints, kLanes = 8;

// Eight channels; loads and stores need no alignment. Passed by reference only: how a vector is
// passed by value depends on the instruction set.
typedef float lanes __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

CTORCH_INLINE const lanes &load(const float *p) {
    return *reinterpret_cast<const lanes *>(p);
}

CTORCH_INLINE void store(float *p, const lanes &v) {
    *reinterpret_cast<lanes *>(p) = v;
}

// v = Bᵀ d
CTORCH_INLINE void input_points(const lanes *d, lanes *v) {
    const lanes even_a = d[4] - bb * d[2], odd_a = a * (d[3] - bb * d[1]);
    const lanes even_b = d[4] - aa * d[2], odd_b = b * (d[3] - aa * d[1]);
    v[0] = product * d[0] - sum * d[2] + d[4];
    v[1] = even_a + odd_a;
    v[2] = even_a - odd_a;
    v[3] = even_b + odd_b;
    v[4] = even_b - odd_b;
    v[5] = product * d[1] - sum * d[3] + d[5];
}

// d = B v
CTORCH_INLINE void input_points_transposed(const lanes *v, lanes *d) {
    const lanes sum_a = v[1] + v[2], odd_a = a * (v[1] - v[2]);
    const lanes sum_b = v[3] + v[4], odd_b = b * (v[3] - v[4]);
    d[0] = product * v[0];
    d[1] = product * v[5] - bb * odd_a - aa * odd_b;
    d[2] = -sum * v[0] - bb * sum_a - aa * sum_b;
    d[3] = odd_a + odd_b - sum * v[5];
    d[4] = v[0] + sum_a + sum_b;
    d[5] = v[5];
}

// y = Aᵀ m
CTORCH_INLINE void output_points(const lanes *m, lanes *y) {
    const lanes sum_a = m[1] + m[2], odd_a = a * (m[1] - m[2]);
    const lanes sum_b = m[3] + m[4], odd_b = b * (m[3] - m[4]);
    y[0] = m[0] + sum_a + sum_b;
    y[1] = odd_a + odd_b;
    y[2] = aa * sum_a + bb * sum_b;
    y[3] = aa * odd_a + bb * odd_b + m[5];
}

// m = A y
CTORCH_INLINE void output_points_transposed(const lanes *y, lanes *m) {
    const lanes even_a = y[0] + aa * y[2], odd_a = a * (y[1] + aa * y[3]);
    const lanes even_b = y[0] + bb * y[2], odd_b = b * (y[1] + bb * y[3]);
    m[0] = y[0];
    m[1] = even_a + odd_a;
    m[2] = even_a - odd_a;
    m[3] = even_b + odd_b;
    m[4] = even_b - odd_b;
    m[5] = y[3];
}

// G: the three taps of a filter at the six points.
constexpr std::array<std::array<float, 3>, kPoints> filter_points() {
    const float at_a = 1 / (2 * aa * (aa - bb)), at_b = 1 / (2 * bb * (bb - aa));
    return {{{1 / product, 0, 0},
             {at_a, a * at_a, aa * at_a},
             {at_a, -a * at_a, aa * at_a},
             {at_b, b * at_b, bb * at_b},
             {at_b, -b * at_b, bb * at_b},
             {0, 0, 1}}};
}

// Pictures [images, height, width, channels] in memory, and their tiles of 4×4 pixels.
struct Grid {
    int64_t images, height, width, channels, rows, columns;

    explicit Grid(const at::Tensor &pictures)
        : images(pictures.size(0)),
          height(pictures.size(2)),
          width(pictures.size(3)),
          channels(pictures.size(1)),
          rows((height + kTile - 1) / kTile),
          columns((width + kTile - 1) / kTile) {}

    int64_t tiles() const { return images * rows * columns; }
};

// The addresses of the pixels of a window of Side×Side whose first pixel is `margin` above and left
// of a tile's; of those outside of the picture, `outside`.
template <int Side, class Float>
CTORCH_INLINE void window(const Grid &grid, Float *pictures, Float *outside, int64_t tile_row,
                          int64_t tile_column, int margin, Float *pixels[Side * Side]) {
    const int64_t image = tile_row / grid.rows;
    const int64_t top = tile_row % grid.rows * kTile - margin;
    const int64_t left = tile_column * kTile - margin;
    for (int i = 0; i < Side; i++) {
        const int64_t y = top + i;
        for (int j = 0; j < Side; j++) {
            const int64_t x = left + j;
            const bool inside = y >= 0 && y < grid.height && x >= 0 && x < grid.width;
            pixels[i * Side + j] =
                inside ? pictures + ((image * grid.height + y) * grid.width + x) * grid.channels
                       : outside;
        }
    }
}

// The first channel of each step of eight. The last step overlaps the one before where the channels
// are no multiple of eight: `fresh` is 0 for channels that were done already, else 1.
CTORCH_INLINE int64_t step(int64_t channels, int64_t begin, lanes &fresh) {
    const int64_t first = std::min(begin, channels - kLanes);
    for (int lane = 0; lane < kLanes; lane++) fresh[lane] = first + lane >= begin ? 1 : 0;
    return first;
}

// A transform of both dimensions, columns first: from Read×Read values, which read(i, j, value)
// gives, to Write×Write, which write(i, j, value) takes.
template <int Read, int Write, void (*Transform)(const lanes *, lanes *), class Source, class Sink>
CTORCH_INLINE void transform(const Source &read, const Sink &write) {
    lanes rows[Write][Read];
    for (int j = 0; j < Read; j++) {
        lanes before[Read], after[Write];
        for (int i = 0; i < Read; i++) read(i, j, before[i]);
        Transform(before, after);
        for (int i = 0; i < Write; i++) rows[i][j] = after[i];
    }
    for (int i = 0; i < Write; i++) {
        lanes after[Write];
        Transform(rows[i], after);
        for (int j = 0; j < Write; j++) write(i, j, after[j]);
    }
}

// From pictures to points, for the rows of tiles [begin, end), in planes that begin with row
// `band`.
template <int Side, int Margin, void (*Transform)(const lanes *, lanes *)>
CTORCH_INLINE void spread_rows(const Grid &grid, const float *pictures, const float *zeros,
                               float *planes, int64_t stride, int64_t band, int64_t begin,
                               int64_t end) {
    for (int64_t row = begin; row < end; row++) {
        for (int64_t column = 0; column < grid.columns; column++) {
            const float *pixels[Side * Side];
            window<Side>(grid, pictures, zeros, row, column, Margin, pixels);
            float *target = planes + ((row - band) * grid.columns + column) * grid.channels;
            for (int64_t next = 0; next < grid.channels; next += kLanes) {
                const int64_t c = std::min(next, grid.channels - kLanes);
                transform<Side, kPoints, Transform>(
                    [&](int i, int j, lanes &value)
                        CTORCH_ALWAYS { value = load(pixels[i * Side + j] + c); },
                    [&](int i, int j, const lanes &value)
                        CTORCH_ALWAYS { store(target + (i * kPoints + j) * stride + c, value); });
            }
        }
    }
}

// planes[f][tile][c] = (Bᵀ d B)[f].
CTORCH_CLONES void spread_input(const Grid &grid, const float *pictures, const float *zeros,
                                float *planes, int64_t stride, int64_t band, int64_t begin,
                                int64_t end) {
    spread_rows<kPoints, 1, input_points>(grid, pictures, zeros, planes, stride, band, begin, end);
}

// planes[f][tile][c] = (A y Aᵀ)[f], y being a tile of a gradient.
CTORCH_CLONES void spread_gradient(const Grid &grid, const float *pictures, const float *zeros,
                                   float *planes, int64_t stride, int64_t band, int64_t begin,
                                   int64_t end) {
    spread_rows<kTile, 0, output_points_transposed>(grid, pictures, zeros, planes, stride, band,
                                                    begin, end);
}

// pictures = Aᵀ[planes]A + bias for the rows of tiles [begin, end); `waste` takes what lies
// outside.
CTORCH_CLONES void gather_output(const Grid &grid, const float *planes, int64_t stride,
                                 const float *bias, float *pictures, float *waste, int64_t band,
                                 int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
        for (int64_t column = 0; column < grid.columns; column++) {
            float *pixels[kTile * kTile];
            window<kTile>(grid, pictures, waste, row, column, 0, pixels);
            const float *source = planes + ((row - band) * grid.columns + column) * grid.channels;
            for (int64_t next = 0; next < grid.channels; next += kLanes) {
                const int64_t c = std::min(next, grid.channels - kLanes);
                transform<kPoints, kTile, output_points>(
                    [&](int i, int j, lanes &value)
                        CTORCH_ALWAYS { value = load(source + (i * kPoints + j) * stride + c); },
                    [&](int i, int j, const lanes &value) CTORCH_ALWAYS {
                        store(pixels[i * kTile + j] + c, value + load(bias + c));
                    });
            }
        }
    }
}

// pictures += B[planes]Bᵀ for one row of tiles.
CTORCH_CLONES void gather_gradient(const Grid &grid, const float *planes, int64_t stride,
                                   float *pictures, float *waste, int64_t band, int64_t row) {
    for (int64_t column = 0; column < grid.columns; column++) {
        float *pixels[kPlanes];
        window<kPoints>(grid, pictures, waste, row, column, 1, pixels);
        const float *source = planes + ((row - band) * grid.columns + column) * grid.channels;
        for (int64_t next = 0; next < grid.channels; next += kLanes) {
            lanes fresh;
            const int64_t c = step(grid.channels, next, fresh);
            transform<kPoints, kPoints, input_points_transposed>(
                [&](int i, int j, lanes &value) CTORCH_ALWAYS {
                    value = fresh * load(source + (i * kPoints + j) * stride + c);
                },
                [&](int i, int j, const lanes &value) CTORCH_ALWAYS {
                    float *pixel = pixels[i * kPoints + j] + c;
                    store(pixel, load(pixel) + value);
                });
        }
    }
}

// Matrices, one for each point: element (i, j) of plane f is data[f·plane + i·row + j·column].
template <class Float>
struct Matrices {
    Float *data;
    int64_t plane, row, column;
};

// `Rows` × `Width`·8 elements of left · right, from the given row and column on. `Adds`: to what is
// there, columns that are not fresh excepted.
template <int Rows, int Width, bool Adds>
CTORCH_INLINE void block(const float *left, int64_t left_row, int64_t left_step, const float *right,
                         int64_t right_row, int64_t depth, float *result, int64_t result_row,
                         const lanes &fresh) {
    lanes sums[Rows][Width] = {};
    for (int64_t k = 0; k < depth; k++) {
        lanes columns[Width];
        for (int j = 0; j < Width; j++) columns[j] = load(right + k * right_row + j * kLanes);
        for (int i = 0; i < Rows; i++) {
            const float factor = left[i * left_row + k * left_step];
            for (int j = 0; j < Width; j++) sums[i][j] += factor * columns[j];
        }
    }
    for (int i = 0; i < Rows; i++) {
        for (int j = 0; j < Width; j++) {
            float *target = result + i * result_row + j * kLanes;
            store(target, Adds ? load(target) + fresh * sums[i][j] : sums[i][j]);
        }
    }
}

// All rows of some columns; six rows and two steps of eight columns fill the sixteen registers.
template <int Width, bool Adds>
CTORCH_INLINE void stripe(const float *left, int64_t left_row, int64_t left_step,
                          const float *right, int64_t right_row, int64_t rows, int64_t depth,
                          float *result, int64_t result_row, const lanes &fresh) {
    int64_t i = 0;
    for (; i + 6 <= rows; i += 6) {
        block<6, Width, Adds>(left + i * left_row, left_row, left_step, right, right_row, depth,
                              result + i * result_row, result_row, fresh);
    }
    for (; i + 2 <= rows; i += 2) {
        block<2, Width, Adds>(left + i * left_row, left_row, left_step, right, right_row, depth,
                              result + i * result_row, result_row, fresh);
    }
    if (i < rows) {
        block<1, Width, Adds>(left + i * left_row, left_row, left_step, right, right_row, depth,
                              result + i * result_row, result_row, fresh);
    }
}

template <bool Adds>
CTORCH_INLINE void multiply_planes(const Matrices<const float> &left,
                                   const Matrices<const float> &right, int64_t rows,
                                   int64_t columns, int64_t depth, const Matrices<float> &result,
                                   int64_t begin, int64_t end) {
    for (int64_t f = begin; f < end; f++) {
        const float *a = left.data + f * left.plane;
        const float *b = right.data + f * right.plane;
        float *c = result.data + f * result.plane;
        lanes fresh = lanes{} + 1;
        int64_t j = 0;
        for (; j + 2 * kLanes <= columns; j += 2 * kLanes) {
            stripe<2, Adds>(a, left.row, left.column, b + j, right.row, rows, depth, c + j,
                            result.row, fresh);
        }
        for (; j < columns; j += kLanes) {
            const int64_t first = step(columns, j, fresh);
            stripe<1, Adds>(a, left.row, left.column, b + first, right.row, rows, depth, c + first,
                            result.row, fresh);
        }
    }
}

// result = left · right, [rows, depth] · [depth, columns], for the planes [begin, end); at least
// eight columns, which lie side by side in `right` and `result`.
CTORCH_CLONES void multiply(const Matrices<const float> &left, const Matrices<const float> &right,
                            int64_t rows, int64_t columns, int64_t depth,
                            const Matrices<float> &result, int64_t begin, int64_t end) {
    multiply_planes<false>(left, right, rows, columns, depth, result, begin, end);
}

// result += left · right.
CTORCH_CLONES void multiply_add(const Matrices<const float> &left,
                                const Matrices<const float> &right, int64_t rows, int64_t columns,
                                int64_t depth, const Matrices<float> &result, int64_t begin,
                                int64_t end) {
    multiply_planes<true>(left, right, rows, columns, depth, result, begin, end);
}

const float *values(const at::Tensor &tensor) {
    return static_cast<const float *>(tensor.const_data_ptr());
}

float *mutable_values(const at::Tensor &tensor) {
    return static_cast<float *>(tensor.mutable_data_ptr());
}

Matrices<const float> matrices(const at::Tensor &planes) {
    return {values(planes), planes.stride(0), planes.stride(1), planes.stride(2)};
}

// `product` is multiply or multiply_add.
template <class Product>
void multiply_all(Product product, const at::Tensor &left, const at::Tensor &right,
                  at::Tensor &result) {
    const Matrices<const float> a = matrices(left), b = matrices(right);
    const Matrices<float> c = {mutable_values(result), result.stride(0), result.stride(1), 1};
    const int64_t rows = left.size(1), columns = right.size(2), depth = left.size(2);
    const int64_t grain = 1 + (1 << 17) / (rows * columns * depth);
    at::parallel_for(0, kPlanes, grain, [&](int64_t begin, int64_t end) {
        product(a, b, rows, columns, depth, c, begin, end);
    });
}

// [36, tiles, channels]. Planes a multiple of 4 KiB apart would share few sets of the cache.
at::Tensor planes(int64_t tiles, int64_t channels, const at::TensorOptions &options) {
    const int64_t stride = (tiles * channels + 15) / 16 * 16 + 16;
    return at::empty_strided({kPlanes, tiles, channels}, {stride, channels, 1}, options);
}

at::Tensor dense(const at::Tensor &pictures) {
    return pictures.contiguous(at::MemoryFormat::ChannelsLast);
}

// Pictures like `like`, of other channels.
at::Tensor empty_pictures(const at::Tensor &like, int64_t channels) {
    return at::empty({like.size(0), channels, like.size(2), like.size(3)}, like.options(),
                     at::MemoryFormat::ChannelsLast);
}

// Calls body(begin, end) for bands of rows of tiles, one after the other. The points of a band stay
// in the cache between the transform that makes them and the product that reads them.
template <class Body>
void for_bands(const Grid &grid, Body body) {
    const int64_t tiles = 96 * at::get_num_threads();
    const int64_t height = std::max<int64_t>(1, tiles / grid.columns);
    const int64_t rows = grid.images * grid.rows;
    for (int64_t row = 0; row < rows; row += height) body(row, std::min(row + height, rows));
}

// Shares the rows of tiles [begin, end) among threads where there is work for more than one.
template <class Body>
void for_rows(const Grid &grid, int64_t begin, int64_t end, Body body) {
    const int64_t values = grid.columns * grid.channels * kTile * kTile;
    at::parallel_for(begin, end, std::max<int64_t>(1, (1 << 15) / values), body);
}

// The points of a band of pictures, [36, tiles, channels].
template <class Spread>
at::Tensor spread(const at::Tensor &pictures, const std::vector<float> &zeros, int64_t begin,
                  int64_t end, Spread body) {
    const Grid grid(pictures);
    at::Tensor result = planes((end - begin) * grid.columns, grid.channels, pictures.options());
    const float *source = values(pictures);
    float *target = mutable_values(result);
    const int64_t stride = result.stride(0);
    for_rows(grid, begin, end, [&](int64_t first, int64_t last) {
        body(grid, source, zeros.data(), target, stride, begin, first, last);
    });
    return result;
}

at::Tensor convolve(const at::Tensor &pictures, const at::Tensor &filters, const at::Tensor &bias) {
    const at::Tensor input = dense(pictures);
    at::Tensor output = empty_pictures(input, filters.size(2));
    const Grid grid(output);
    const std::vector<float> zeros(input.size(1));
    const float *offsets = values(bias);
    float *target = mutable_values(output);
    for_bands(grid, [&](int64_t begin, int64_t end) {
        const at::Tensor points = spread(input, zeros, begin, end, spread_input);
        at::Tensor sums = planes(points.size(1), grid.channels, input.options());
        multiply_all(multiply, points, filters, sums);
        const float *source = values(sums);
        const int64_t stride = sums.stride(0);
        for_rows(grid, begin, end, [&](int64_t first, int64_t last) {
            std::vector<float> waste(grid.channels);
            gather_output(grid, source, stride, offsets, target, waste.data(), begin, first, last);
        });
    });
    return output;
}

// Adds a band's share, from the points of the output's gradient, to the input's gradient.
void add_input_gradient(const at::Tensor &points, const at::Tensor &transposed, at::Tensor &result,
                        int64_t begin, int64_t end) {
    const Grid grid(result);
    at::Tensor products = planes(points.size(1), grid.channels, points.options());
    multiply_all(multiply, points, transposed, products);
    const float *source = values(products);
    float *target = mutable_values(result);
    const int64_t stride = products.stride(0);
    // The windows of neighboring rows overlap, those of every other row do not.
    for (int64_t parity = 0; parity < 2; parity++) {
        for_rows(grid, 0, (end - begin + 1 - parity) / 2, [&](int64_t first, int64_t last) {
            std::vector<float> waste(grid.channels);
            for (int64_t index = first; index < last; index++) {
                const int64_t row = begin + 2 * index + parity;
                gather_gradient(grid, source, stride, target, waste.data(), begin, row);
            }
        });
    }
}

struct Convolution final : torch::autograd::Function<Convolution> {
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &input,
                              const at::Tensor &filters, const at::Tensor &transposed,
                              const at::Tensor &bias) {
        context->save_for_backward({input, transposed});
        return convolve(input, filters, bias);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   torch::autograd::variable_list gradients) {
        TORCH_CHECK(!at::GradMode::is_enabled(),
                    "Winograd's algorithm has no gradients of gradients");
        const auto saved = context->get_saved_variables();
        const at::Tensor &input = saved[0], &transposed = saved[1];
        const int64_t inputs = transposed.size(2), outputs = transposed.size(1);
        const at::Tensor gradient = dense(gradients[0]);
        torch::autograd::variable_list result(4);
        if (context->needs_input_grad(3)) result[3] = gradient.sum({0, 2, 3});
        if (!context->needs_input_grad(0) && !context->needs_input_grad(1)) return result;
        if (context->needs_input_grad(0)) {
            result[0] = empty_pictures(input, inputs).zero_();
        }
        if (context->needs_input_grad(1)) {
            result[1] = at::zeros({kPlanes, inputs, outputs}, input.options());
        }
        const at::Tensor pictures = result[1].defined() ? dense(input) : at::Tensor();
        const std::vector<float> zeros(std::max(inputs, outputs));
        for_bands(Grid(gradient), [&](int64_t begin, int64_t end) {
            const at::Tensor points = spread(gradient, zeros, begin, end, spread_gradient);
            if (result[0].defined()) add_input_gradient(points, transposed, result[0], begin, end);
            if (!result[1].defined()) return;
            const at::Tensor read = spread(pictures, zeros, begin, end, spread_input);
            multiply_all(multiply_add, read.transpose(1, 2), points, result[1]);
        });
        return result;
    }
};

void check_precision() {
    TORCH_CHECK(!at::autocast::is_autocast_enabled(at::kCPU),
                "Winograd's algorithm runs in float32, so not under autocast");
}

}  // namespace

ctorch_status ctorch_winograd_filters(ctorch_tensor *out, ctorch_tensor weight) {
    return returning(out, [&] {
        const at::Tensor &filters = unwrap(weight);
        check_precision();
        TORCH_CHECK(filters.dim() == 4 && filters.size(2) == 3 && filters.size(3) == 3,
                    "Winograd's algorithm takes filters [outputs, inputs, 3, 3], not ",
                    filters.sizes());
        TORCH_CHECK(filters.scalar_type() == at::kFloat && filters.is_cpu(),
                    "Winograd's algorithm runs in float32 on the CPU");
        static const auto table = [] {
            constexpr auto points = filter_points();
            std::array<float, kPlanes * 9> values{};
            for (int f = 0; f < kPlanes; f++) {
                for (int tap = 0; tap < 9; tap++) {
                    values[f * 9 + tap] =
                        points[f / kPoints][tap / 3] * points[f % kPoints][tap % 3];
                }
            }
            return values;
        }();
        const at::Tensor map =
            at::from_blob(const_cast<float *>(table.data()), {kPlanes, 9}, at::kFloat);
        const int64_t outputs = filters.size(0), inputs = filters.size(1);
        return at::matmul(map, filters.permute({2, 3, 1, 0}).reshape({9, inputs * outputs}))
            .view({kPlanes, inputs, outputs});
    });
}

ctorch_status ctorch_winograd_transposed(ctorch_tensor *out, ctorch_tensor filters) {
    return returning(out, [&] {
        c10::NoGradGuard unrecorded;
        return unwrap(filters).transpose(1, 2).contiguous();
    });
}

ctorch_status ctorch_winograd_conv2d(ctorch_tensor *out, ctorch_tensor input, ctorch_tensor filters,
                                     ctorch_tensor transposed, ctorch_tensor bias) {
    return returning(out, [&] {
        const at::Tensor &pictures = unwrap(input), &points = unwrap(filters);
        const at::Tensor &reverse = unwrap(transposed);
        TORCH_CHECK(pictures.dim() == 4 && points.dim() == 3 && points.size(0) == kPlanes &&
                        points.size(1) == pictures.size(1),
                    "the convolution of ", pictures.sizes(), " takes filters [36, ",
                    pictures.dim() == 4 ? pictures.size(1) : 0, ", outputs], not ", points.sizes());
        check_precision();
        TORCH_CHECK(pictures.size(2) > 0 && pictures.size(3) > 0, "the pictures ", pictures.sizes(),
                    " have no pixels");
        TORCH_CHECK(points.is_contiguous() && reverse.is_contiguous() &&
                        reverse.sizes() == points.transpose(1, 2).sizes(),
                    "the filters and their transposes must be contiguous and fit together");
        TORCH_CHECK(points.size(1) >= kLanes && points.size(2) >= kLanes,
                    "Winograd's algorithm takes at least 8 inputs and outputs");
        const at::Tensor offsets =
            bias ? unwrap(bias).contiguous() : at::zeros({points.size(2)}, pictures.options());
        TORCH_CHECK(offsets.dim() == 1 && offsets.size(0) == points.size(2),
                    "the bias needs one value for each of ", points.size(2), " outputs");
        for (const at::Tensor *tensor : {&pictures, &points, &reverse, &offsets}) {
            TORCH_CHECK(tensor->scalar_type() == at::kFloat && tensor->is_cpu(),
                        "Winograd's algorithm runs in float32 on the CPU");
        }
        return Convolution::apply(pictures, points, reverse, offsets);
    });
}
