# Every target does all the set-up it needs; `make help` lists them.
.PHONY: help setup build install uninstall fetch demo test check-long lint docs coverage fuzz clean
.PHONY: bench bench-kernels bench-models bench-peers bench-builds bench-flow bench-imaging
.PHONY: bench-training bench-training-parts bench-training-data

PREFIX ?= $(HOME)/.local
.DEFAULT_GOAL := help

help: ## List these targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | \
		awk -F'|' '{ printf "  make %-21s %s\n", $$1, $$2 }'

setup: ## Install what is missing: Debian packages and LibTorch.
	@scripts/bootstrap

build: setup ## Build both packages, optimized.
	@scripts/build

install: ## Install slimvsr, and slimvsr-lab if built, to PREFIX (default ~/.local).
	@scripts/bootstrap --runtime-only
	@scripts/install "$(PREFIX)"

uninstall: ## Remove them from PREFIX.
	@scripts/install --uninstall "$(PREFIX)"

fetch: ## List published weights, or fetch some: NAMES="basicvsr-vimeo-bi".
	@scripts/fetch-weights $(NAMES)

demo: setup ## Compress a bundled model, compare, upscale a clip (or INPUT=my.mp4), write a report.
	@scripts/demo $(if $(INPUT),--input "$(INPUT)")

test: setup ## Lint, build and test everything (within 30 minutes on 2 cores).
	@scripts/test

check-long: setup ## What takes hours; some checks only: CHECKS="install soak". Writes docs/check-long.md.
	@scripts/check-long $(CHECKS)

lint: ## Check formatting and imports only (seconds).
	@scripts/bootstrap --runtime-only
	@scripts/lint

docs: ## Build the documentation of the libraries into .build/site.
	@scripts/bootstrap --runtime-only
	@scripts/docs

coverage: ## Run all tests, print which share of each target's lines ran (Lab's where LibTorch is).
	@scripts/bootstrap --runtime-only
	@scripts/coverage

fuzz: ## Feed damaged files to the readers for MINUTES=1 each (TARGETS="model pruning finetune").
	@scripts/bootstrap --runtime-only
	@scripts/fuzz $(or $(MINUTES),1) $(TARGETS)

bench: ## Both of the next two, without OPTIONS (10 minutes; no LibTorch needed).
	$(if $(OPTIONS),$(error bench takes no OPTIONS: give them to bench-kernels or bench-models))
	@$(MAKE) --no-print-directory bench-kernels bench-models

bench-kernels: ## Check and time the kernels, every instruction set (5 minutes; OPTIONS="avx2 1 trunk").
	@scripts/bootstrap --runtime-only
	@scripts/bench kernels $(OPTIONS)

bench-models: ## Time the bundled models frame by frame (4 minutes; OPTIONS: slimvsr bench's).
	@scripts/bootstrap --runtime-only
	@scripts/bench models $(OPTIONS)

bench-peers: ## Compare with PyTorch, ONNX Runtime, OpenVINO, ncnn (20 minutes; OPTIONS=--quick).
	@scripts/bootstrap --peers
	@scripts/bench-peers run.py $(OPTIONS)

bench-builds: ## Compare two builds by turns (3 minutes; OPTIONS="OLD/peer-runner NEW/peer-runner").
	@scripts/bootstrap --peers
	@scripts/bench-peers builds.py $(OPTIONS)

bench-flow: ## Compare flows with PyTorch's in double precision (1 minute; OPTIONS="WEIGHTS FOLDER").
	@scripts/bootstrap --peers
	@scripts/bench-peers flow_error.py $(OPTIONS)

bench-imaging: ## Time degradations and metrics beside Pillow, OpenCV, scikit-image (2 minutes).
	@scripts/bootstrap --peers
	@scripts/bench imaging

bench-training: setup ## Compare a training step with Python PyTorch's (5 minutes; OPTIONS="--width 64").
	@scripts/bootstrap --peers
	@scripts/bench training $(OPTIONS)

bench-training-parts: setup ## Time a training step in several ways (5 minutes; OPTIONS: bench-step's).
	@scripts/bench training-parts $(OPTIONS)

bench-training-data: setup ## Time how long training waits for clips beyond its memory (5 minutes; OPTIONS: bench-data's).
	@scripts/bench training-data $(OPTIONS)

clean: ## Remove what was built; .deps/ and the cached downloads stay.
	rm -rf .build Lab/.build demo-output
