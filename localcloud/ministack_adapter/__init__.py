"""The only code that touches ministack's internals, one concern a file.

Importing `gateway`, `lambda_workers`, `events`, `executions`, `storage`, `stacks` or `authorization` imports
ministack, which reads its settings from the process environment at that moment: call
`environment.prepare_environment` first.
"""
