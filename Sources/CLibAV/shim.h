// The parts of FFmpeg's libraries that VSRMedia uses, and their macros that Swift cannot import.
#ifndef SLIMVSR_CLIBAV_SHIM_H
#define SLIMVSR_CLIBAV_SHIM_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

static const int vsr_av_error_eof = AVERROR_EOF;
static const int vsr_av_error_again = AVERROR(EAGAIN);
static const int64_t vsr_av_no_timestamp = AV_NOPTS_VALUE;

#endif  // SLIMVSR_CLIBAV_SHIM_H
