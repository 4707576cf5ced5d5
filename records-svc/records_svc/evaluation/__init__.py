"""May this patient be treated, and how: the signed evaluation and the clearance that follows from it."""
