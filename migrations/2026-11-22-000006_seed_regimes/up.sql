-- The built-in regimes: rows of the nil tenant, readable by all and changed by none. A legal rule that changes
-- gets a new version in a new row; what is marked as not verified is to be replaced by a town's own regime.
SET LOCAL app.tenant = '00000000-0000-0000-0000-000000000000';

INSERT INTO regimes (id, code, version, name_pl, name_en, legal_source, valid_from_on, valid_to_on, parameters) VALUES
(
    '01900000-0000-7000-8000-00000000f001', 'PAI-2014', 1,
    'Program Aktywizacja i Integracja (z profilem pomocy III)',
    'Activation and Integration Programme (with help profile III)',
    'Art. 62a–62c of the Act of 20 April 2004 on the promotion of employment, chapter 12a added by the Act of 14 March 2014, Dz.U. 2014 poz. 598: two months (62b(1)), six months in total (62b(2)(1)), integration of at least ten hours a week (62a(5)). Help profile III: art. 33(2b)–(2c), until the profiles were abolished (judgment K 53/16, Dz.U. 2018 poz. 1149); not verified: the first and the last day of validity. Socially useful work: art. 73a(1) and (5) of the same Act (10 hours a week; refund up to 60 % of the minimum benefit) and the regulation of 21 December 2017, Dz.U. 2017 poz. 2447 (carers of disabled persons up to 100 %). Qualifying job: form MRPiPS-01, annex 8 (at least 30 days, both ends counted).',
    '2014-05-27', '2019-06-13',
    '{
        "lengthMonths": 2,
        "cumulativeLimitMonths": 6,
        "cumulativeGroup": "PAI",
        "psuWeeklyLimit": "10.00",
        "integrationWeeklyMinimum": "10.00",
        "refundPercentCap": "60.00",
        "refundPercentCapCarers": "100.00",
        "eligibility": [
            {"rule": "registeredUnemployed", "severity": "hard", "legalSource": "art. 62a(2) of the Act of 20 April 2004 on the promotion of employment"},
            {"rule": "noBenefitRight", "severity": "hard", "legalSource": "art. 73a(1) of the Act of 20 April 2004 on the promotion of employment"},
            {"rule": "usesSocialAssistance", "severity": "hard", "legalSource": "art. 62a(2) and 73a(1) of the Act of 20 April 2004 on the promotion of employment"},
            {"rule": "helpProfileIII", "severity": "hard", "legalSource": "art. 62a(2) with art. 33(2b) and (2c) of the Act of 20 April 2004 on the promotion of employment, wording of 2014"}
        ],
        "jobMinDays": 30,
        "followUpClock": "programme",
        "positiveExits": ["employed"]
    }'
), (
    '01900000-0000-7000-8000-00000000f002', 'PAI-2019', 1,
    'Program Aktywizacja i Integracja (bez profilu pomocy)',
    'Activation and Integration Programme (without help profile)',
    'Art. 62a–62c of the Act of 20 April 2004 on the promotion of employment, chapter 12a added by the Act of 14 March 2014, Dz.U. 2014 poz. 598: two months (62b(1)), six months in total (62b(2)(1)), integration of at least ten hours a week (62a(5)). Without help profiles (judgment K 53/16, Dz.U. 2018 poz. 1149); not verified: the first day of validity. Repealed by the Act of 20 March 2025, Dz.U. 2025 poz. 620; agreements made before 1 June 2025 are carried out under the old Act. Socially useful work: art. 73a(1) and (5) of the same Act (10 hours a week; refund up to 60 % of the minimum benefit) and the regulation of 21 December 2017, Dz.U. 2017 poz. 2447 (carers of disabled persons up to 100 %). Qualifying job: form MRPiPS-01, annex 8 (at least 30 days, both ends counted).',
    '2019-06-14', '2025-05-31',
    '{
        "lengthMonths": 2,
        "cumulativeLimitMonths": 6,
        "cumulativeGroup": "PAI",
        "psuWeeklyLimit": "10.00",
        "integrationWeeklyMinimum": "10.00",
        "refundPercentCap": "60.00",
        "refundPercentCapCarers": "100.00",
        "eligibility": [
            {"rule": "registeredUnemployed", "severity": "hard", "legalSource": "art. 62a(2) of the Act of 20 April 2004 on the promotion of employment"},
            {"rule": "noBenefitRight", "severity": "hard", "legalSource": "art. 73a(1) of the Act of 20 April 2004 on the promotion of employment"},
            {"rule": "usesSocialAssistance", "severity": "hard", "legalSource": "art. 62a(2) and 73a(1) of the Act of 20 April 2004 on the promotion of employment"}
        ],
        "jobMinDays": 30,
        "followUpClock": "programme",
        "positiveExits": ["employed"]
    }'
), (
    '01900000-0000-7000-8000-00000000f003', 'ESF-7.1.1', 1,
    'PO KL 2007–2013, poddziałanie 7.1.1 (projekt systemowy OPS)',
    'Human Capital Operational Programme 2007–2013, sub-measure 7.1.1 (systemic project of a social-assistance centre)',
    'Rules for systemic projects of social-assistance centres under PO KL, sub-measure 7.1.1, and the participant record PEFS 2007. No length, no limit in total and no status is asked of participants by the programme; any job counts, from its first day. Socially useful work within a project: art. 73a of the Act of 20 April 2004 on the promotion of employment.',
    '2007-01-01', NULL,
    '{
        "lengthMonths": null,
        "cumulativeLimitMonths": null,
        "cumulativeGroup": null,
        "psuWeeklyLimit": "10.00",
        "integrationWeeklyMinimum": null,
        "refundPercentCap": "60.00",
        "refundPercentCapCarers": "100.00",
        "eligibility": [],
        "jobMinDays": 1,
        "followUpClock": "person",
        "positiveExits": ["employed", "education"]
    }'
), (
    '01900000-0000-7000-8000-00000000f004', 'ESF-2014', 1,
    'Projekt EFS 2014–2020',
    'ESF project 2014–2020',
    'Regulation (EU) No 1304/2013, Annex I: immediate results within four weeks of leaving, longer-term results six months after, both from the day the participant leaves. Conditions of eligibility are those of the project; not verified: the duration thresholds of the national guidelines, for which a regime of one''s own is entered. Socially useful work within a project: art. 73a of the Act of 20 April 2004 on the promotion of employment.',
    '2014-01-01', NULL,
    '{
        "lengthMonths": null,
        "cumulativeLimitMonths": null,
        "cumulativeGroup": null,
        "psuWeeklyLimit": "10.00",
        "integrationWeeklyMinimum": null,
        "refundPercentCap": "60.00",
        "refundPercentCapCarers": "100.00",
        "eligibility": [],
        "jobMinDays": 1,
        "followUpClock": "person",
        "positiveExits": ["employed", "education"]
    }'
), (
    '01900000-0000-7000-8000-00000000f005', 'ESF-PLUS', 1,
    'Projekt EFS+ 2021–2027',
    'ESF+ project 2021–2027',
    'Regulation (EU) 2021/1057, Annex I: results on leaving and six months after, both from the day the participant leaves. Conditions of eligibility are those of the project; not verified: the national guidelines, for which a regime of one''s own is entered. Socially useful work within a project: art. 73a of the Act of 20 April 2004 on the promotion of employment.',
    '2021-01-01', NULL,
    '{
        "lengthMonths": null,
        "cumulativeLimitMonths": null,
        "cumulativeGroup": null,
        "psuWeeklyLimit": "10.00",
        "integrationWeeklyMinimum": null,
        "refundPercentCap": "60.00",
        "refundPercentCapCarers": "100.00",
        "eligibility": [],
        "jobMinDays": 1,
        "followUpClock": "person",
        "positiveExits": ["employed", "education"]
    }'
), (
    '01900000-0000-7000-8000-00000000f006', 'ACT-2025', 1,
    'Program według ustawy z 20 marca 2025 r. (niezweryfikowany)',
    'Programme under the Act of 20 March 2025 (not verified)',
    'Act of 20 March 2025 on the labour market and employment services, Dz.U. 2025 poz. 620, in force 1 June 2025. NOT VERIFIED: the Act keeps socially useful work with another maximum length and another way of setting the benefit, whose articles have not been checked; weekly limit and refund are those of the former law. Enter a regime of one''s own with the verified rules.',
    '2025-06-01', NULL,
    '{
        "lengthMonths": null,
        "cumulativeLimitMonths": null,
        "cumulativeGroup": null,
        "psuWeeklyLimit": "10.00",
        "integrationWeeklyMinimum": null,
        "refundPercentCap": "60.00",
        "refundPercentCapCarers": "100.00",
        "eligibility": [
            {"rule": "registeredUnemployed", "severity": "overridable", "legalSource": "Taken over from the former law, not verified against the Act of 20 March 2025"},
            {"rule": "noBenefitRight", "severity": "overridable", "legalSource": "Taken over from the former law, not verified against the Act of 20 March 2025"},
            {"rule": "usesSocialAssistance", "severity": "overridable", "legalSource": "Taken over from the former law, not verified against the Act of 20 March 2025"}
        ],
        "jobMinDays": 30,
        "followUpClock": "programme",
        "positiveExits": ["employed"]
    }'
);
