"""Whatever is handed over is a fact or a refusal that names a field: inputs that are looked for, and kept."""
