/* --memory-report=html: one page that shows the whole compiler at work on the files of one call. */
#ifndef POLEC_PAGE_H
#define POLEC_PAGE_H

#include <stdio.h>

#include "files.h"

/*
 * Writes the page of all files that were compiled.  Each is compiled four times more to be recorded (page/recorder.h),
 * on the pool of this thread, in which no arena may be open; nothing but the page is written.
 */
void page_write(FILE *stream, const Run *run);

#endif
