// Products of bf16 numbers, summed in fp32: two input channels per lane.
// Included once per instruction set that has them, inside its namespace.

struct Bf16 {
    static constexpr int kPerLane = 2;

    static VSR_INLINE Vec multiply_add(Vec sum, Vec weight, Vec value) {
        return Vec(_mm512_dpbf16_ps(__m512(sum), __m512bh(weight), __m512bh(value)));
    }

    /// Both rounded to bf16, `low` in the lower half of each lane.
    static VSR_INLINE Vec pair(Vec low, Vec high) {
        using Halves = int16_t __attribute__((vector_size(64)));
        Halves order;
        VSR_UNROLL
        for (int i = 0; i < 32; i++) order[i] = static_cast<int16_t>(i / 2 + (i % 2) * 16);
        const __m512bh halves = _mm512_cvtne2ps_pbh(__m512(high), __m512(low));
        return Vec(_mm512_permutexvar_epi16(__m512i(order), __m512i(halves)));
    }
};

/// Where one channel of a piece's concatenated inputs lies.
struct ChannelCursor {
    const ConvPiece &piece;
    int32_t source = 0, k = 0;

    /// The next channel's input, NULL after the last.
    VSR_INLINE const Input *next(const float **channel) {
        while (source < piece.input_count && k == piece.inputs[source].count) source++, k = 0;
        if (source == piece.input_count) return nullptr;
        const Input &input = piece.inputs[source];
        *channel = input.data + input.channels[k++] * input.channel_stride;
        return &input;
    }
};

/// Transforms channels two by two; an odd last one is paired with zeros.
template <class P, class W, int kVectors>
VSR_INLINE void transform_pairs(const ConvPiece &piece, const PieceMemory<W, kVectors> &memory) {
    using Memory = PieceMemory<W, kVectors>;
    alignas(64) float low[Memory::kFrequencies * kLanes], high[Memory::kFrequencies * kLanes];
    float *to = memory.values;
    ChannelCursor cursor{piece};
    for (int32_t group = 0; group < memory.channels; group++, to += Memory::kChannel) {
        const float *channels[2];
        const Input *inputs[2] = {cursor.next(&channels[0]), cursor.next(&channels[1])};
        const float *ahead[2] = {};
        ChannelCursor peek = cursor;
        const Input *next[2] = {peek.next(&ahead[0]), peek.next(&ahead[1])};
        for (int32_t j = 0; j < kVectors; j++) {
            const int32_t tile = (piece.first_vector + j) * kLanes;
            for (int i = 0; i < 2; i++) {
                if (!next[i]) continue;
                prefetch_input<W>(ahead[i] + tile, next[i]->rows, next[i]->phase_offset);
            }
            transform_vector<W>(piece, *inputs[0], channels[0], j, low, kLanes);
            if (inputs[1]) {
                transform_vector<W>(piece, *inputs[1], channels[1], j, high, kLanes);
            }
            VSR_UNROLL
            for (int f = 0; f < Memory::kFrequencies; f++) {
                const Vec second = inputs[1] ? load(high + f * kLanes) : Vec{};
                store(to + j * kLanes + f * memory.frequency,
                      P::pair(load(low + f * kLanes), second));
            }
        }
    }
}
