"""Rules for programs in Pole IR.

An action sees the sources that its rule names and nothing else, so an import that is not among `modules` is an error and not
a build that works on one machine only.
"""

def _polec_object(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".o")
    arguments = ctx.actions.args()
    arguments.add_all(["-O1", "-c", "-o", output, ctx.file.program])
    ctx.actions.run(
        executable = ctx.executable._polec,
        arguments = [arguments],
        inputs = [ctx.file.program] + ctx.files.modules,
        outputs = [output],
        mnemonic = "Polec",
        progress_message = "polec " + ctx.file.program.short_path,
    )
    return [DefaultInfo(files = depset([output]))]

polec_object = rule(
    implementation = _polec_object,
    attrs = {
        "program": attr.label(allow_single_file = [".pole-ir"], mandatory = True),
        "modules": attr.label_list(allow_files = [".pole-ir"]),
        "_polec": attr.label(default = "//tools:polec", executable = True, cfg = "exec", allow_single_file = True),
    },
)
