// The parts of FFmpeg's libraries that VSRMedia uses, and their macros that Swift cannot import.
#ifndef SLIMVSR_CLIBAV_SHIM_H
#define SLIMVSR_CLIBAV_SHIM_H

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <stdbool.h>

static const int vsr_av_error_eof = AVERROR_EOF;
static const int vsr_av_error_again = AVERROR(EAGAIN);
static const int vsr_av_error_unanswered = AVERROR_PATCHWELCOME;
static const int vsr_av_error_exit = AVERROR_EXIT;
static const int64_t vsr_av_no_timestamp = AV_NOPTS_VALUE;

// Whether a decoded picture holds two fields, and whether the upper one is shown first.
static inline bool vsr_frame_is_interlaced(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
    return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
    return frame->interlaced_frame != 0;
#endif
}

static inline bool vsr_frame_is_top_field_first(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_TOP_FIELD_FIRST
    return (frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0;
#else
    return frame->top_field_first != 0;
#endif
}

#endif  // SLIMVSR_CLIBAV_SHIM_H
