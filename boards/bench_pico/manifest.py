# ruff: noqa: F821 (include, package and module are the language of manifests)

# What goes into a firmware image, for those who build one by hand. `make flight` does it for all boards, with
# small functions unfolded and with an mpy-tool.py that is put right: up to MicroPython 1.26.1 at least it
# aligns frozen viper code for armv6m to 2 bytes where its literals need 4, and frozen kernels return wrong
# values. pins.csv is data: it always goes onto the file system.
include("$(PORT_DIR)/boards/manifest.py")
package("plumbline", base_path="../../firmware")
module("main.py", base_path=".")
