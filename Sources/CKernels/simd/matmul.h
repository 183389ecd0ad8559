// C += A · B for matrices of any size, in registers of 6 rows by kMatmulVectors vectors. Included
// once per instruction set, inside its namespace.

constexpr int kMatmulRows = 6, kMatmulVectors = kLanes == 16 ? 4 : 2;
/// Products summed in registers before they are added to C: rows of B in a panel that stays in the
/// first-level cache.
constexpr ptrdiff_t kMatmulDepth = 192;

template <typename T>
struct Wide {
    static constexpr int kCount = 4 * kLanes / sizeof(T);
    using Value = T __attribute__((vector_size(4 * kLanes)));
    struct __attribute__((packed, may_alias)) Any {
        Value value;
    };
    static VSR_INLINE Value load(const T *from) {
        return reinterpret_cast<const Any *>(from)->value;
    }
    static VSR_INLINE void store(T *to, Value value) { reinterpret_cast<Any *>(to)->value = value; }
};

/// `kRows` rows and `kVectors` vectors of columns from (i, j) on, products first … last − 1.
template <typename T, int kRows, int kVectors>
VSR_INLINE void multiply_tile(const Product<T> &p, ptrdiff_t i, ptrdiff_t j, ptrdiff_t first,
                              ptrdiff_t last) {
    using W = Wide<T>;
    typename W::Value sum[kRows][kVectors] = {};
    const T *a = p.a + i * p.a_row, *b = p.b + j;
    for (ptrdiff_t k = first; k < last; k++) {
        typename W::Value row[kVectors];
        VSR_UNROLL
        for (int v = 0; v < kVectors; v++) row[v] = W::load(b + k * p.b_row + v * W::kCount);
        VSR_UNROLL
        for (int r = 0; r < kRows; r++) {
            const typename W::Value value = a[r * p.a_row + k * p.a_column] - typename W::Value{};
            VSR_UNROLL
            for (int v = 0; v < kVectors; v++) sum[r][v] += value * row[v];
        }
    }
    VSR_UNROLL
    for (int r = 0; r < kRows; r++) {
        T *c = p.c + (i + r) * p.c_row + j;
        VSR_UNROLL
        for (int v = 0; v < kVectors; v++) {
            W::store(c + v * W::kCount, W::load(c + v * W::kCount) + sum[r][v]);
        }
    }
}

/// All rows of some columns.
template <typename T, int kVectors>
VSR_INLINE void multiply_panel(const Product<T> &p, ptrdiff_t j, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t end = j + kVectors * Wide<T>::kCount;
    const ptrdiff_t rows = p.upper && end < p.rows ? end : p.rows;
    ptrdiff_t i = 0;
    for (; i + kMatmulRows <= rows; i += kMatmulRows) {
        multiply_tile<T, kMatmulRows, kVectors>(p, i, j, first, last);
    }
    for (; i < rows; i++) multiply_tile<T, 1, kVectors>(p, i, j, first, last);
}

template <typename T>
void multiply(const Product<T> &p) {
    constexpr int kCount = Wide<T>::kCount;
    for (ptrdiff_t first = 0; first < p.depth; first += kMatmulDepth) {
        const ptrdiff_t last = first + kMatmulDepth < p.depth ? first + kMatmulDepth : p.depth;
        ptrdiff_t j = 0;
        for (; j + kMatmulVectors * kCount <= p.columns; j += kMatmulVectors * kCount) {
            multiply_panel<T, kMatmulVectors>(p, j, first, last);
        }
        for (; j + kCount <= p.columns; j += kCount) multiply_panel<T, 1>(p, j, first, last);
        for (; j < p.columns; j++) {
            const ptrdiff_t rows = p.upper && j + 1 < p.rows ? j + 1 : p.rows;
            for (ptrdiff_t i = 0; i < rows; i++) {
                T sum = 0;
                for (ptrdiff_t k = first; k < last; k++) {
                    sum += p.a[i * p.a_row + k * p.a_column] * p.b[k * p.b_row + j];
                }
                p.c[i * p.c_row + j] += sum;
            }
        }
    }
}
