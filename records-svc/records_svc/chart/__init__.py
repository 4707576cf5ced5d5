"""What other systems know about a patient: conditions, medication, allergies; and who treats and prescribes."""
