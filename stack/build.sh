#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Build what runs in the root partition and install it under BUILD/root/install, from where the lab
# lays it over the root's file system. usage: stack/build.sh BUILD
set -eu

build=$1
source=$(dirname "$0")
cross=$build/stack.ini

mkdir -p "$build"
"$source/../lab/lab" tree meson-file >"$cross.new"
# another tree or another kernel: begin again
if cmp -s "$cross.new" "$cross"; then
	rm "$cross.new"
else
	rm -rf "$build/stack"
	mv "$cross.new" "$cross"
fi
[ -f "$build/stack/build.ninja" ] ||
	meson setup "$build/stack" "$source" --cross-file "$cross" >"$build/stack-setup.log" ||
	{
		cat "$build/stack-setup.log"
		rm -rf "$build/stack"
		exit 1
	}
ninja -C "$build/stack" --quiet
rm -rf "$build/root/install"
DESTDIR=$(realpath "$build")/root/install meson install -C "$build/stack" --no-rebuild --quiet
