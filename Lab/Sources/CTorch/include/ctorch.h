// The part of LibTorch that the Swift module Torch needs, as plain C.
#ifndef CTORCH_H
#define CTORCH_H

#include "ctorch_autograd.h"
#include "ctorch_base.h"
#include "ctorch_device.h"
#include "ctorch_operations.h"
#include "ctorch_optimizer.h"
#include "ctorch_tensor.h"

#endif  // CTORCH_H
