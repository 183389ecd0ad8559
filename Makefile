# Every target does all the set-up it needs; `make help` lists them.
.PHONY: help setup build install uninstall fetch demo test lint docs coverage fuzz bench bench-peers clean

PREFIX ?= $(HOME)/.local
.DEFAULT_GOAL := help

help: ## List these targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | \
		awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

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

test: setup ## Lint, build and test everything.
	@scripts/test

lint: ## Check formatting and the import table only.
	@scripts/bootstrap --runtime-only
	@scripts/lint

docs: ## Build the documentation of the libraries into .build/site.
	@scripts/bootstrap --runtime-only
	@scripts/docs

coverage: ## Run the tests of slimvsr and print which share of each target's lines ran.
	@scripts/bootstrap --runtime-only
	@scripts/coverage

fuzz: ## Feed damaged files to the readers for MINUTES=1 each (TARGETS="model checkpoint yaml video").
	@scripts/bootstrap --runtime-only
	@scripts/fuzz $(or $(MINUTES),1) $(TARGETS)

bench: ## Check and time the kernels, then the bundled models frame by frame (no LibTorch needed).
	@scripts/bootstrap --runtime-only
	@scripts/bench

bench-peers: ## Compare with PyTorch, ONNX Runtime, OpenVINO, ncnn (20 minutes; OPTIONS=--quick).
	@scripts/bootstrap --peers
	@scripts/bench-peers $(OPTIONS)

clean: ## Remove what was built; .deps/ and the cached downloads stay.
	rm -rf .build Lab/.build demo-output
