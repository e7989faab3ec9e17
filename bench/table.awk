# SPDX-License-Identifier: MIT
# table.awk - Markdown tables of what bench/compare printed; with -v plot=stream or -v plot=trip a
# matrix for gnuplot, a line per size and a column per peer
#
# Only figures of one placement are shown, the one that most runs had. A ratio is against the baseline
# of the same way, copied or in place. "~": fewer than three runs, or somebody else had one of the CPUs
# meanwhile, or the quartiles are more than 30 % of the median apart.

BEGIN { FS = "\t" }

/^#/ { head[n_head++] = $0; next }

{
	runs[$7] += $8
	if (most == "" || runs[$7] > runs[most])
		most = $7
	key = $1 SUBSEP $3 SUBSEP $4 SUBSEP $5
	if (!(key in order)) {
		order[key] = n_keys
		keys[n_keys++] = key
	}
	if (!($2 in seen)) {
		seen[$2] = 1
		sizes[n_sizes++] = $2
	}
	at = $7 SUBSEP key SUBSEP $2
	n_runs[at] = $8
	median[at] = $10
	q1[at] = $11
	q3[at] = $12
	p99[at] = $13
	disturbed[at] = $9
	canary[$7] += $15 * $8
}

function size_name(bytes)
{
	return bytes < 1024 ? bytes " B" : bytes / 1024 " KiB"
}

function three_digits(x)
{
	return x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x)
}

function spread(at)
{
	return median[at] ? (q3[at] - q1[at]) / 2 / median[at] : 0
}

function figure(at, kind)
{
	if (kind == "stream")
		return three_digits(median[at] / 1e6)
	if (median[at] < 10000)
		return sprintf("%.0f/%.0f", median[at], p99[at])
	return sprintf("%.0f/%.0f k", median[at] / 1000, p99[at] / 1000)
}

function cell(key, size,    parts, at, base, noisy)
{
	split(key, parts, SUBSEP)
	at = most SUBSEP key SUBSEP size
	if (!(at in median))
		return "–"
	noisy = disturbed[at] || n_runs[at] < 3 || spread(at) > 0.15 ? "~" : ""
	base = most SUBSEP parts[1] SUBSEP (parts[2] == "copy" ? "copy" : "in-place") SUBSEP "spin" \
		SUBSEP "baseline" SUBSEP size
	return sprintf("%s%s ±%.0f%%%s", noisy, figure(at, parts[1]), 100 * spread(at), \
		base in median && median[base] ? sprintf(" **%.2fx**", median[at] / median[base]) : "")
}

function table(title, kind, wait, ways,    i, k, parts, name)
{
	printf "\n%s\n\n| |", title
	for (i = 0; i < n_sizes; i++)
		printf " %s |", size_name(sizes[i])
	printf "\n|---|"
	for (i = 0; i < n_sizes; i++)
		printf "---|"
	printf "\n"
	for (k = 0; k < n_keys; k++) {
		split(keys[k], parts, SUBSEP)
		if (parts[1] != kind || parts[3] != wait || index(ways, parts[2]) == 0)
			continue
		name = parts[4] (parts[2] == "batch" ? ", batches of 16" : "")
		printf "| %s |", name
		for (i = 0; i < n_sizes; i++)
			printf " %s |", cell(keys[k], sizes[i])
		printf "\n"
	}
}

# ---- for the plot: each peer at its quickest kind of waiting, copied unless it can't ----

function plot_matrix(kind,    pass, k, i, parts, at, n)
{
	for (pass = 0; pass < 3; pass++)
		for (k = 0; k < n_keys; k++) {
			split(keys[k], parts, SUBSEP)
			if (parts[1] != kind || parts[4] in plotted || index(parts[4], ","))
				continue
			if (pass == 0 && parts[2] "/" parts[3] != "copy/spin" ||
			    pass == 1 && parts[2] "/" parts[3] != "in-place/spin" ||
			    pass == 2 && parts[2] "/" parts[3] != "copy/sleep")
				continue
			plotted[parts[4]] = 1
			columns[n++] = keys[k]
		}
	printf "bytes"
	for (k = 0; k < n; k++) {
		split(columns[k], parts, SUBSEP)
		printf "\t%s%s%s", parts[4], parts[2] == "copy" ? "" : ", in place", \
			parts[3] == "sleep" ? ", sleeping" : ""
	}
	printf "\n"
	for (i = 0; i < n_sizes; i++) {
		printf "%d", sizes[i]
		for (k = 0; k < n; k++) {
			at = most SUBSEP columns[k] SUBSEP sizes[i]
			printf "\t%s", at in median ? median[at] : "?"
		}
		printf "\n"
	}
}

END {
	if (plot) {
		plot_matrix(plot)
		exit
	}
	for (i = 0; i < n_head; i++)
		print "    " head[i]
	printf "    # placement %s, a bare cache line's round trip takes %.0f ns;", most, \
		canary[most] / runs[most]
	for (placement in runs)
		printf " %s: %d runs", placement, runs[placement]
	printf "\n"
	table("Streams, copied, million messages a second (both ends spin)", "stream", "spin", "copy")
	table("Streams, in place, million messages a second (both ends spin)", "stream", "spin", \
		"in-place batch")
	table("Streams, million messages a second (both ends sleep when there is nothing to do)", \
		"stream", "sleep", "copy")
	table("Round trips, copied, ns p50/p99 (both ends spin)", "trip", "spin", "copy")
	table("Round trips, in place, ns p50/p99 (both ends spin)", "trip", "spin", "in-place")
	table("Round trips, ns p50/p99 (both ends sleep)", "trip", "sleep", "copy")
}
