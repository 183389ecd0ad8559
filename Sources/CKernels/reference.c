#include <math.h>

#include "vsr_reference.h"

// Pixels of one output row whose sums are held at a time.
enum { STRIP = 64 };

// Adds weight * input(x + dx, row) to sums[x - start] for x in start..<end; zero outside.
static void add_tap(const float *row, ptrdiff_t width, ptrdiff_t dx, double weight, ptrdiff_t start,
                    ptrdiff_t end, double *sums) {
    ptrdiff_t first = start + dx < 0 ? -dx : start;
    ptrdiff_t last = end + dx > width ? width - dx : end;
    for (ptrdiff_t x = first; x < last; x++) sums[x - start] += weight * row[x + dx];
}

void vsr_reference_convolution(const float *input, size_t inputs, size_t height, size_t width,
                               const float *weight, const float *bias, size_t outputs,
                               size_t kernel, float *output) {
    ptrdiff_t rows = (ptrdiff_t)height, columns = (ptrdiff_t)width, half = (ptrdiff_t)kernel / 2;
    for (size_t o = 0; o < outputs; o++) {
        for (ptrdiff_t y = 0; y < rows; y++) {
            for (ptrdiff_t start = 0; start < columns; start += STRIP) {
                ptrdiff_t end = start + STRIP < columns ? start + STRIP : columns;
                double sums[STRIP];
                for (ptrdiff_t x = start; x < end; x++) sums[x - start] = bias[o];
                for (size_t i = 0; i < inputs; i++) {
                    const float *taps = weight + (o * inputs + i) * kernel * kernel;
                    for (ptrdiff_t dy = -half; dy <= half; dy++) {
                        if (y + dy < 0 || y + dy >= rows) continue;
                        const float *row = input + (i * height + (size_t)(y + dy)) * width;
                        for (ptrdiff_t dx = -half; dx <= half; dx++) {
                            double tap = taps[(size_t)(dy + half) * kernel + (size_t)(dx + half)];
                            add_tap(row, columns, dx, tap, start, end, sums);
                        }
                    }
                }
                float *out = output + (o * height + (size_t)y) * width;
                for (ptrdiff_t x = start; x < end; x++) out[x] = (float)sums[x - start];
            }
        }
    }
}

void vsr_reference_leaky_relu(float *values, size_t count, float slope) {
    for (size_t i = 0; i < count; i++) {
        if (values[i] < 0) values[i] *= slope;
    }
}

void vsr_reference_pixel_shuffle(const float *input, size_t channels, size_t height, size_t width,
                                 float *output) {
    for (size_t u = 0; u < channels; u++) {
        for (size_t y = 0; y < 2 * height; y++) {
            for (size_t x = 0; x < 2 * width; x++) {
                size_t filter = 4 * u + 2 * (y % 2) + x % 2;
                output[(u * 2 * height + y) * 2 * width + x] =
                    input[(filter * height + y / 2) * width + x / 2];
            }
        }
    }
}

// The pixel at (x, y) of one plane, 0 outside.
static double pixel(const float *plane, size_t height, size_t width, double x, double y) {
    if (!(x >= 0 && y >= 0 && x < (double)width && y < (double)height)) return 0;
    return plane[(size_t)y * width + (size_t)x];
}

// position + displacement; the displacement has no effect on an axis of length 1.
static double coordinate(size_t position, float displacement, size_t length,
                         enum vsr_padding padding) {
    if (length == 1) return 0;
    if (padding == VSR_PADDING_ZEROS) return (double)position + (double)displacement;
    double value = (double)position + (isnan(displacement) ? 0 : (double)displacement);
    return fmin(fmax(value, 0), (double)(length - 1));
}

void vsr_reference_warp(const float *input, size_t channels, size_t height, size_t width,
                        const float *flow, enum vsr_padding padding, float *output) {
    for (size_t y = 0; y < height; y++) {
        for (size_t x = 0; x < width; x++) {
            double sx = coordinate(x, flow[y * width + x], width, padding);
            double sy = coordinate(y, flow[(height + y) * width + x], height, padding);
            double left = floor(sx), top = floor(sy), fx = sx - left, fy = sy - top;
            // Also false where a coordinate is not a number.
            int inside = sx > -1 && sy > -1 && sx < (double)width && sy < (double)height;
            for (size_t c = 0; c < channels; c++) {
                const float *plane = input + c * height * width;
                double sum = 0;
                if (inside) {
                    sum += (1 - fx) * (1 - fy) * pixel(plane, height, width, left, top);
                    sum += fx * (1 - fy) * pixel(plane, height, width, left + 1, top);
                    sum += (1 - fx) * fy * pixel(plane, height, width, left, top + 1);
                    sum += fx * fy * pixel(plane, height, width, left + 1, top + 1);
                }
                output[(c * height + y) * width + x] = (float)sum;
            }
        }
    }
}

void vsr_reference_average_pool(const float *input, size_t channels, size_t height, size_t width,
                                float *output) {
    size_t rows = height / 2, columns = width / 2;
    for (size_t c = 0; c < channels; c++) {
        for (size_t y = 0; y < rows; y++) {
            for (size_t x = 0; x < columns; x++) {
                const float *corner = input + (c * height + 2 * y) * width + 2 * x;
                double sum = (double)corner[0] + corner[1] + corner[width] + corner[width + 1];
                output[(c * rows + y) * columns + x] = (float)(sum / 4);
            }
        }
    }
}

// Where output pixel `position` of `output_length` samples an axis of `length` pixels.
static double source_position(size_t position, size_t length, size_t output_length,
                              int align_corners) {
    if (align_corners) {
        if (output_length <= 1) return 0;
        return (double)position * (double)(length - 1) / (double)(output_length - 1);
    }
    double center = ((double)position + 0.5) * (double)length / (double)output_length - 0.5;
    return center > 0 ? center : 0;
}

void vsr_reference_resize(const float *input, size_t channels, size_t height, size_t width,
                          float *output, size_t output_height, size_t output_width,
                          int align_corners) {
    for (size_t y = 0; y < output_height; y++) {
        double sy = source_position(y, height, output_height, align_corners);
        size_t top = (size_t)sy, bottom = top + 1 < height ? top + 1 : top;
        double fy = sy - (double)top;
        for (size_t x = 0; x < output_width; x++) {
            double sx = source_position(x, width, output_width, align_corners);
            size_t left = (size_t)sx, right = left + 1 < width ? left + 1 : left;
            double fx = sx - (double)left;
            for (size_t c = 0; c < channels; c++) {
                const float *plane = input + c * height * width;
                double above =
                    (1 - fx) * plane[top * width + left] + fx * plane[top * width + right];
                double below =
                    (1 - fx) * plane[bottom * width + left] + fx * plane[bottom * width + right];
                output[(c * output_height + y) * output_width + x] =
                    (float)((1 - fy) * above + fy * below);
            }
        }
    }
}
