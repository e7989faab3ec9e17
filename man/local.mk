# man/: mdoc pages, linted by tests/check/man.sh
dist_man_MANS =
