/* Starting LLVM, which polec does as late as it can: `--check` and the text dumps never pay for it. */
#ifndef POLEC_LINK_LLVM_START_H
#define POLEC_LINK_LLVM_START_H

/* Must come before anything else of LLVM.  Cheap when called again, and from several threads. */
void llvm_start(void);

/* Likewise, and before anything of the optimiser's; llvm_start() comes first. */
void llvm_start_passes(void);

#endif
