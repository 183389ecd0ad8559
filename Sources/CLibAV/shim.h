// The parts of FFmpeg's libraries that VSRMedia uses.
#ifndef SLIMVSR_CLIBAV_SHIM_H
#define SLIMVSR_CLIBAV_SHIM_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#endif  // SLIMVSR_CLIBAV_SHIM_H
