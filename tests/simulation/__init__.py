"""dibao's own code on models of its servers: seeded schedules of faults, and what must hold in all."""
