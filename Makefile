.DEFAULT_GOAL := help
.PHONY: help setup run test check fmt

help: ## List the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 12

setup: ## Install what HQ needs with apt, once
	@scripts/setup.sh

test: setup ## Run all tests
	swift build --build-tests
	swift test --skip-build

fmt: ## Format the sources
	swift format --in-place --recursive --parallel Package.swift Sources Tests

check: setup ## Format, layers, sizes (no tests)
	@scripts/check.sh
