from services.simulator.post import Day
class Office:
    def __init__(self, f): pass
    def take(self, day: Day): pass
    def close(self): pass
