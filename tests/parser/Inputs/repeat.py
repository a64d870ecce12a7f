"""Prints a program that is long or deep: repeat.py N BEFORE REPEATED MIDDLE CLOSER AFTER, where REPEATED and CLOSER
stand N times before and behind MIDDLE."""
import sys

n = int(sys.argv[1])
before, repeated, middle, closer, after = sys.argv[2:]
sys.stdout.write(before + repeated * n + middle + closer * n + after + '\n')
