.DEFAULT_GOAL := help
.PHONY: help setup build run test check fmt golden dev kills bench cache-tests sanitize

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 12

setup: ## Install what HQ needs with apt, once
	@scripts/setup.sh

build: setup ## Build the release program, .build/release/hq
	swift build -c release --static-swift-stdlib --product hq

run: build ## Start the example campaign
	@scripts/run-example.sh

test: ## Run all tests
	@scripts/setup.sh tests
	swift build --build-tests
	swift test --skip-build

dev: setup ## Build the debug program, .build/debug/hq
	swift build --product hq

golden: setup ## Write the golden files anew; review the diff
	UPDATE_GOLDEN=1 swift test

kills: build ## Kill processes at random while changing; nothing acknowledged may be lost
	Benchmarks/kills.py .build/release/hq 2000 200

bench: build ## Measure it, beside Varnish and nginx; prints tables
	@Benchmarks/setup.sh
	swift build -c release --static-swift-stdlib --product vcl-rates
	swift build -c release --static-swift-stdlib --product cache-rates
	swift build -c release --static-swift-stdlib --product table-rates
	@Benchmarks/bench.py .build/release/hq

cache-tests: build ## Run the public HTTP cache tests, given CHECKOUT=path of them
	@Benchmarks/cachetests.py .build/release/hq $(CHECKOUT)

sanitize: ## Run the edge's tests under the thread and the address sanitizer
	@scripts/setup.sh tests
	@scripts/sanitize.sh

fmt: ## Format the sources
	swift format --in-place --recursive --parallel Package.swift Sources Tests

check: setup ## Format, layers, sizes, links
	@scripts/check.sh
