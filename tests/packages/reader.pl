#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# reader.pl - read 1, 2, 3 ... from standard input; write to FILE how far it came, and the longest time
# in ms that no number came since the last SIGUSR1. It ends as soon as a number is missing or repeated.
use strict;
use warnings;
use Time::HiRes 'time';

my ($file) = @ARGV;
my ($n, $pause, $told) = (0, 0, 0);
my $last = time;

sub tell_it
{
	open(my $out, '>', "$file.new") or die "$file.new: $!";
	printf $out "%d %.1f\n", $n, $pause * 1000;
	close($out) or die "$file.new: $!";
	rename("$file.new", $file) or die "$file: $!";
}

$SIG{USR1} = sub { $pause = 0 };
tell_it();
while (my $number = <STDIN>) {
	my $now = time;

	$n++;
	$number == $n or die "number $n is $number";
	$pause = $now - $last if $now - $last > $pause;
	$last = $now;
	next if $now - $told < 0.02;
	tell_it();
	$told = $now;
}
tell_it();
