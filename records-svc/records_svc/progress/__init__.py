"""Progress reports: the figures that outcomes-svc tells after every sixth visit, beside the patient's record."""
