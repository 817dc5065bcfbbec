#!/bin/bash
exec python3.13 -m app "$@"
