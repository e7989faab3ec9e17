# SPDX-License-Identifier: MIT
# plot.gp - two panels of what table.awk made: streams and round trips by message size
# gnuplot -e "stream='FILE'; trip='FILE'; image='FILE.svg'" plot.gp

set terminal svg size 1200,720 font "sans-serif,13" background "white" dynamic
set output image
set datafile separator "\t"
set datafile missing "?"
set logscale x 2
set logscale y 10
set grid ytics
set xrange [6:90000]
set xtics ("8 B" 8, "64 B" 64, "256 B" 256, "1 KiB" 1024, "4 KiB" 4096, "64 KiB" 65536)
set multiplot layout 1,2

set key below maxrows 5 font ",11" noenhanced
stats stream skip 1 nooutput
set title "messages a second (higher is better)"
set format y "10^{%T}"
plot for [i=2:STATS_columns] stream using 1:i with linespoints \
	lw (i <= 3 ? 3 : 1.5) pt i title columnheader(i)

stats trip skip 1 nooutput
set title "round trip, p50, ns (lower is better)"
plot for [i=2:STATS_columns] trip using 1:i with linespoints \
	lw (i <= 3 ? 3 : 1.5) pt i title columnheader(i)

unset multiplot
