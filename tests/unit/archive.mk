# tests/unit/archive.mk: archive.h
CRITERION_TESTS += \
	tests/unit/test_archive_access.t \
	tests/unit/test_archive_build.t \
	tests/unit/test_archive_golden.t \
	tests/unit/test_archive_json.t \
	tests/unit/test_archive_random.t \
	tests/unit/test_archive_scribble.t \
	tests/unit/test_archive_versions.t
SCRIPT_TESTS += \
	tests/unit/test_archive_cxx.sh \
	tests/unit/test_archive_mistakes.sh

ARCHIVE_CASES = tests/unit/archive_cases.h tests/unit/archive_random.h tests/unit/archive_touch.h
ARCHIVE_STOCK = $(ARCHIVE_CASES) tests/unit/archive_stock.h tests/unit/archive_stock_1.c \
	tests/unit/archive_stock_2.c tests/unit/archive_stock_3.c
tests_unit_test_archive_access_t_SOURCES = tests/unit/test_archive_access.c $(ARCHIVE_CASES)
tests_unit_test_archive_build_t_SOURCES = tests/unit/test_archive_build.c $(ARCHIVE_CASES)
tests_unit_test_archive_golden_t_SOURCES = tests/unit/test_archive_golden.c \
	tests/unit/archive_golden.h
tests_unit_test_archive_json_t_SOURCES = tests/unit/test_archive_json.c $(ARCHIVE_STOCK)
tests_unit_test_archive_random_t_SOURCES = tests/unit/test_archive_random.c $(ARCHIVE_CASES)
tests_unit_test_archive_scribble_t_SOURCES = tests/unit/test_archive_scribble.c $(ARCHIVE_CASES)
tests_unit_test_archive_versions_t_SOURCES = tests/unit/test_archive_versions.c $(ARCHIVE_STOCK)

EXTRA_DIST += tests/unit/archive_golden.hex
