set debuginfod enabled off
set confirm off
break area
run
print shape
backtrace 2
next
next
print product
break 42
continue
print p
print color
print xs.elements[0]@xs.length
print *t
print *t->Node._0
print pair
print x
ptype p
break 37
continue
print n
print p.x
kill
quit
