#!/bin/sh
# SPDX-License-Identifier: MIT
# full.sh - the storm in a /dev/shm of 16 MiB that is filled to the brim again and again
exec tests/storm/storm --seconds 4 --shm-mib 16
